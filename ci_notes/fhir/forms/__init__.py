"""Templates and notes as Questionnaires and QuestionnaireResponses, for any form renderer."""
