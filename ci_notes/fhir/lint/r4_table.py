"""What R4 (4.0.1) says of its types. Made from HL7's packages by tests/fhir/r4_definitions.py; do not edit.

A line is an element: its name, how often it may stand (? at most once, 1 once, * any number, + at least once), its
types. Behind = is the value set that its codes are of; @ is a part of the type itself.
"""

# ruff: noqa: E501, SIM905
# fmt: off

RESOURCES = frozenset(
    """
    Account ActivityDefinition AdverseEvent AllergyIntolerance Appointment AppointmentResponse AuditEvent Basic Binary
    BiologicallyDerivedProduct BodyStructure Bundle CapabilityStatement CarePlan CareTeam CatalogEntry ChargeItem
    ChargeItemDefinition Claim ClaimResponse ClinicalImpression CodeSystem Communication CommunicationRequest
    CompartmentDefinition Composition ConceptMap Condition Consent Contract Coverage CoverageEligibilityRequest
    CoverageEligibilityResponse DetectedIssue Device DeviceDefinition DeviceMetric DeviceRequest DeviceUseStatement
    DiagnosticReport DocumentManifest DocumentReference EffectEvidenceSynthesis Encounter Endpoint EnrollmentRequest
    EnrollmentResponse EpisodeOfCare EventDefinition Evidence EvidenceVariable ExampleScenario ExplanationOfBenefit
    FamilyMemberHistory Flag Goal GraphDefinition Group GuidanceResponse HealthcareService ImagingStudy Immunization
    ImmunizationEvaluation ImmunizationRecommendation ImplementationGuide InsurancePlan Invoice Library Linkage List
    Location Measure MeasureReport Media Medication MedicationAdministration MedicationDispense MedicationKnowledge
    MedicationRequest MedicationStatement MedicinalProduct MedicinalProductAuthorization
    MedicinalProductContraindication MedicinalProductIndication MedicinalProductIngredient MedicinalProductInteraction
    MedicinalProductManufactured MedicinalProductPackaged MedicinalProductPharmaceutical
    MedicinalProductUndesirableEffect MessageDefinition MessageHeader MolecularSequence NamingSystem NutritionOrder
    Observation ObservationDefinition OperationDefinition OperationOutcome Organization OrganizationAffiliation
    Parameters Patient PaymentNotice PaymentReconciliation Person PlanDefinition Practitioner PractitionerRole Procedure
    Provenance Questionnaire QuestionnaireResponse RelatedPerson RequestGroup ResearchDefinition
    ResearchElementDefinition ResearchStudy ResearchSubject RiskAssessment RiskEvidenceSynthesis Schedule
    SearchParameter ServiceRequest Slot Specimen SpecimenDefinition StructureDefinition StructureMap Subscription
    Substance SubstanceNucleicAcid SubstancePolymer SubstanceProtein SubstanceReferenceInformation
    SubstanceSourceMaterial SubstanceSpecification SupplyDelivery SupplyRequest Task TerminologyCapabilities TestReport
    TestScript ValueSet VerificationResult VisionPrescription
    """.split()
)
"""Every type of resource in R4."""

TYPES = {
    "Address": """
use ? code=address-use
type ? code=address-type
text ? string
line * string
city ? string
district ? string
state ? string
postalCode ? string
country ? string
period ? Period
""",
    "Age": """
value ? decimal
comparator ? code=quantity-comparator
unit ? string
system ? uri
code ? code
""",
    "AllergyIntolerance": """
identifier * Identifier
clinicalStatus ? CodeableConcept=allergyintolerance-clinical
verificationStatus ? CodeableConcept=allergyintolerance-verification
type ? code=allergy-intolerance-type
category * code=allergy-intolerance-category
criticality ? code=allergy-intolerance-criticality
code ? CodeableConcept
patient 1 Reference(Patient)
encounter ? Reference(Encounter)
onset[x] ? dateTime,Age,Period,Range,string
recordedDate ? dateTime
recorder ? Reference(Patient|Practitioner|PractitionerRole|RelatedPerson)
asserter ? Reference(Patient|Practitioner|PractitionerRole|RelatedPerson)
lastOccurrence ? dateTime
note * Annotation
reaction * @AllergyIntolerance.reaction
""",
    "AllergyIntolerance.reaction": """
substance ? CodeableConcept
manifestation + CodeableConcept
description ? string
onset ? dateTime
severity ? code=reaction-event-severity
exposureRoute ? CodeableConcept
note * Annotation
""",
    "Annotation": """
author[x] ? Reference(Organization|Patient|Practitioner|RelatedPerson),string
time ? dateTime
text 1 markdown
""",
    "Appointment": """
identifier * Identifier
status 1 code=appointmentstatus
cancelationReason ? CodeableConcept
serviceCategory * CodeableConcept
serviceType * CodeableConcept
specialty * CodeableConcept
appointmentType ? CodeableConcept
reasonCode * CodeableConcept
reasonReference * Reference(Condition|ImmunizationRecommendation|Observation|Procedure)
priority ? unsignedInt
description ? string
supportingInformation * Reference(Resource)
start ? instant
end ? instant
minutesDuration ? positiveInt
slot * Reference(Slot)
created ? dateTime
comment ? string
patientInstruction ? string
basedOn * Reference(ServiceRequest)
participant + @Appointment.participant
requestedPeriod * Period
""",
    "Appointment.participant": """
type * CodeableConcept
actor ? Reference(Device|HealthcareService|Location|Patient|Practitioner|PractitionerRole|RelatedPerson)
required ? code=participantrequired
status 1 code=participationstatus
period ? Period
""",
    "Attachment": """
contentType ? code
language ? code
data ? base64Binary
url ? url
size ? unsignedInt
hash ? base64Binary
title ? string
creation ? dateTime
""",
    "BackboneElement": """
id ? string
extension * Extension
modifierExtension * Extension
""",
    "Basic": """
identifier * Identifier
code 1 CodeableConcept
subject ? Reference(Resource)
created ? date
author ? Reference(Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
""",
    "Binary": """
contentType 1 code
securityContext ? Reference(Resource)
data ? base64Binary
""",
    "BodyStructure": """
identifier * Identifier
active ? boolean
morphology ? CodeableConcept
location ? CodeableConcept
locationQualifier * CodeableConcept
description ? string
image * Attachment
patient 1 Reference(Patient)
""",
    "Bundle": """
identifier ? Identifier
type 1 code=bundle-type
timestamp ? instant
total ? unsignedInt
link * @Bundle.link
entry * @Bundle.entry
signature ? Signature
""",
    "Bundle.entry": """
link * @Bundle.link
fullUrl ? uri
resource ? Resource
search ? @Bundle.entry.search
request ? @Bundle.entry.request
response ? @Bundle.entry.response
""",
    "Bundle.entry.request": """
method 1 code=http-verb
url 1 uri
ifNoneMatch ? string
ifModifiedSince ? instant
ifMatch ? string
ifNoneExist ? string
""",
    "Bundle.entry.response": """
status 1 string
location ? uri
etag ? string
lastModified ? instant
outcome ? Resource
""",
    "Bundle.entry.search": """
mode ? code=search-entry-mode
score ? decimal
""",
    "Bundle.link": """
relation 1 string
url 1 uri
""",
    "CapabilityStatement": """
url ? uri
version ? string
name ? string
title ? string
status 1 code=publication-status
experimental ? boolean
date 1 dateTime
publisher ? string
contact * ContactDetail
description ? markdown
useContext * UsageContext
jurisdiction * CodeableConcept
purpose ? markdown
copyright ? markdown
kind 1 code=capability-statement-kind
instantiates * canonical
imports * canonical
software ? @CapabilityStatement.software
implementation ? @CapabilityStatement.implementation
fhirVersion 1 code=FHIR-version
format + code
patchFormat * code
implementationGuide * canonical
rest * @CapabilityStatement.rest
messaging * @CapabilityStatement.messaging
document * @CapabilityStatement.document
""",
    "CapabilityStatement.document": """
mode 1 code=document-mode
documentation ? markdown
profile 1 canonical
""",
    "CapabilityStatement.implementation": """
description 1 string
url ? url
custodian ? Reference(Organization)
""",
    "CapabilityStatement.messaging": """
endpoint * @CapabilityStatement.messaging.endpoint
reliableCache ? unsignedInt
documentation ? markdown
supportedMessage * @CapabilityStatement.messaging.supportedMessage
""",
    "CapabilityStatement.messaging.endpoint": """
protocol 1 Coding
address 1 url
""",
    "CapabilityStatement.messaging.supportedMessage": """
mode 1 code=event-capability-mode
definition 1 canonical
""",
    "CapabilityStatement.rest": """
mode 1 code=restful-capability-mode
documentation ? markdown
security ? @CapabilityStatement.rest.security
resource * @CapabilityStatement.rest.resource
interaction * @CapabilityStatement.rest.interaction
searchParam * @CapabilityStatement.rest.resource.searchParam
operation * @CapabilityStatement.rest.resource.operation
compartment * canonical
""",
    "CapabilityStatement.rest.interaction": """
code 1 code=system-restful-interaction
documentation ? markdown
""",
    "CapabilityStatement.rest.resource": """
type 1 code=resource-types
profile ? canonical
supportedProfile * canonical
documentation ? markdown
interaction * @CapabilityStatement.rest.resource.interaction
versioning ? code=versioning-policy
readHistory ? boolean
updateCreate ? boolean
conditionalCreate ? boolean
conditionalRead ? code=conditional-read-status
conditionalUpdate ? boolean
conditionalDelete ? code=conditional-delete-status
referencePolicy * code=reference-handling-policy
searchInclude * string
searchRevInclude * string
searchParam * @CapabilityStatement.rest.resource.searchParam
operation * @CapabilityStatement.rest.resource.operation
""",
    "CapabilityStatement.rest.resource.interaction": """
code 1 code=type-restful-interaction
documentation ? markdown
""",
    "CapabilityStatement.rest.resource.operation": """
name 1 string
definition 1 canonical
documentation ? markdown
""",
    "CapabilityStatement.rest.resource.searchParam": """
name 1 string
definition ? canonical
type 1 code=search-param-type
documentation ? markdown
""",
    "CapabilityStatement.rest.security": """
cors ? boolean
service * CodeableConcept
description ? markdown
""",
    "CapabilityStatement.software": """
name 1 string
version ? string
releaseDate ? dateTime
""",
    "CarePlan": """
identifier * Identifier
instantiatesCanonical * canonical
instantiatesUri * uri
basedOn * Reference(CarePlan)
replaces * Reference(CarePlan)
partOf * Reference(CarePlan)
status 1 code=request-status
intent 1 code=care-plan-intent
category * CodeableConcept
title ? string
description ? string
subject 1 Reference(Group|Patient)
encounter ? Reference(Encounter)
period ? Period
created ? dateTime
author ? Reference(CareTeam|Device|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
contributor * Reference(CareTeam|Device|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
careTeam * Reference(CareTeam)
addresses * Reference(Condition)
supportingInfo * Reference(Resource)
goal * Reference(Goal)
activity * @CarePlan.activity
note * Annotation
""",
    "CarePlan.activity": """
outcomeCodeableConcept * CodeableConcept
outcomeReference * Reference(Resource)
progress * Annotation
reference ? Reference(Appointment|CommunicationRequest|DeviceRequest|MedicationRequest|NutritionOrder|RequestGroup|ServiceRequest|Task|VisionPrescription)
detail ? @CarePlan.activity.detail
""",
    "CarePlan.activity.detail": """
kind ? code=care-plan-activity-kind
instantiatesCanonical * canonical
instantiatesUri * uri
code ? CodeableConcept
reasonCode * CodeableConcept
reasonReference * Reference(Condition|DiagnosticReport|DocumentReference|Observation)
goal * Reference(Goal)
status 1 code=care-plan-activity-status
statusReason ? CodeableConcept
doNotPerform ? boolean
scheduled[x] ? Timing,Period,string
location ? Reference(Location)
performer * Reference(CareTeam|Device|HealthcareService|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
product[x] ? CodeableConcept,Reference(Medication|Substance)
dailyAmount ? Quantity
quantity ? Quantity
description ? string
""",
    "CareTeam": """
identifier * Identifier
status ? code=care-team-status
category * CodeableConcept
name ? string
subject ? Reference(Group|Patient)
encounter ? Reference(Encounter)
period ? Period
participant * @CareTeam.participant
reasonCode * CodeableConcept
reasonReference * Reference(Condition)
managingOrganization * Reference(Organization)
telecom * ContactPoint
note * Annotation
""",
    "CareTeam.participant": """
role * CodeableConcept
member ? Reference(CareTeam|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
onBehalfOf ? Reference(Organization)
period ? Period
""",
    "ClinicalImpression": """
identifier * Identifier
status 1 code=clinicalimpression-status
statusReason ? CodeableConcept
code ? CodeableConcept
description ? string
subject 1 Reference(Group|Patient)
encounter ? Reference(Encounter)
effective[x] ? dateTime,Period
date ? dateTime
assessor ? Reference(Practitioner|PractitionerRole)
previous ? Reference(ClinicalImpression)
problem * Reference(AllergyIntolerance|Condition)
investigation * @ClinicalImpression.investigation
protocol * uri
summary ? string
finding * @ClinicalImpression.finding
prognosisCodeableConcept * CodeableConcept
prognosisReference * Reference(RiskAssessment)
supportingInfo * Reference(Resource)
note * Annotation
""",
    "ClinicalImpression.finding": """
itemCodeableConcept ? CodeableConcept
itemReference ? Reference(Condition|Media|Observation)
basis ? string
""",
    "ClinicalImpression.investigation": """
code 1 CodeableConcept
item * Reference(DiagnosticReport|FamilyMemberHistory|ImagingStudy|Media|Observation|QuestionnaireResponse|RiskAssessment)
""",
    "CodeableConcept": """
coding * Coding
text ? string
""",
    "Coding": """
system ? uri
version ? string
code ? code
display ? string
userSelected ? boolean
""",
    "Communication": """
identifier * Identifier
instantiatesCanonical * canonical
instantiatesUri * uri
basedOn * Reference(Resource)
partOf * Reference(Resource)
inResponseTo * Reference(Communication)
status 1 code=event-status
statusReason ? CodeableConcept
category * CodeableConcept
priority ? code=request-priority
medium * CodeableConcept
subject ? Reference(Group|Patient)
topic ? CodeableConcept
about * Reference(Resource)
encounter ? Reference(Encounter)
sent ? dateTime
received ? dateTime
recipient * Reference(CareTeam|Device|Group|HealthcareService|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
sender ? Reference(Device|HealthcareService|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
reasonCode * CodeableConcept
reasonReference * Reference(Condition|DiagnosticReport|DocumentReference|Observation)
payload * @Communication.payload
note * Annotation
""",
    "Communication.payload": """
content[x] 1 string,Attachment,Reference(Resource)
""",
    "CommunicationRequest": """
identifier * Identifier
basedOn * Reference(Resource)
replaces * Reference(CommunicationRequest)
groupIdentifier ? Identifier
status 1 code=request-status
statusReason ? CodeableConcept
category * CodeableConcept
priority ? code=request-priority
doNotPerform ? boolean
medium * CodeableConcept
subject ? Reference(Group|Patient)
about * Reference(Resource)
encounter ? Reference(Encounter)
payload * @CommunicationRequest.payload
occurrence[x] ? dateTime,Period
authoredOn ? dateTime
requester ? Reference(Device|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
recipient * Reference(CareTeam|Device|Group|HealthcareService|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
sender ? Reference(Device|HealthcareService|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
reasonCode * CodeableConcept
reasonReference * Reference(Condition|DiagnosticReport|DocumentReference|Observation)
note * Annotation
""",
    "CommunicationRequest.payload": """
content[x] 1 string,Attachment,Reference(Resource)
""",
    "Composition": """
identifier ? Identifier
status 1 code=composition-status
type 1 CodeableConcept
category * CodeableConcept
subject ? Reference(Resource)
encounter ? Reference(Encounter)
date 1 dateTime
author + Reference(Device|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
title 1 string
confidentiality ? code=v3-ConfidentialityClassification
attester * @Composition.attester
custodian ? Reference(Organization)
relatesTo * @Composition.relatesTo
event * @Composition.event
section * @Composition.section
""",
    "Composition.attester": """
mode 1 code=composition-attestation-mode
time ? dateTime
party ? Reference(Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
""",
    "Composition.event": """
code * CodeableConcept
period ? Period
detail * Reference(Resource)
""",
    "Composition.relatesTo": """
code 1 code=document-relationship-type
target[x] 1 Identifier,Reference(Composition)
""",
    "Composition.section": """
title ? string
code ? CodeableConcept
author * Reference(Device|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
focus ? Reference(Resource)
text ? Narrative
mode ? code=list-mode
orderedBy ? CodeableConcept
entry * Reference(Resource)
emptyReason ? CodeableConcept
section * @Composition.section
""",
    "Condition": """
identifier * Identifier
clinicalStatus ? CodeableConcept=condition-clinical
verificationStatus ? CodeableConcept=condition-ver-status
category * CodeableConcept
severity ? CodeableConcept
code ? CodeableConcept
bodySite * CodeableConcept
subject 1 Reference(Group|Patient)
encounter ? Reference(Encounter)
onset[x] ? dateTime,Age,Period,Range,string
abatement[x] ? dateTime,Age,Period,Range,string
recordedDate ? dateTime
recorder ? Reference(Patient|Practitioner|PractitionerRole|RelatedPerson)
asserter ? Reference(Patient|Practitioner|PractitionerRole|RelatedPerson)
stage * @Condition.stage
evidence * @Condition.evidence
note * Annotation
""",
    "Condition.evidence": """
code * CodeableConcept
detail * Reference(Resource)
""",
    "Condition.stage": """
summary ? CodeableConcept
assessment * Reference(ClinicalImpression|DiagnosticReport|Observation)
type ? CodeableConcept
""",
    "Consent": """
identifier * Identifier
status 1 code=consent-state-codes
scope 1 CodeableConcept
category + CodeableConcept
patient ? Reference(Patient)
dateTime ? dateTime
performer * Reference(Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
organization * Reference(Organization)
source[x] ? Attachment,Reference(Consent|Contract|DocumentReference|QuestionnaireResponse)
policy * @Consent.policy
policyRule ? CodeableConcept
verification * @Consent.verification
provision ? @Consent.provision
""",
    "Consent.policy": """
authority ? uri
uri ? uri
""",
    "Consent.provision": """
type ? code=consent-provision-type
period ? Period
actor * @Consent.provision.actor
action * CodeableConcept
securityLabel * Coding
purpose * Coding
class * Coding
code * CodeableConcept
dataPeriod ? Period
data * @Consent.provision.data
provision * @Consent.provision
""",
    "Consent.provision.actor": """
role 1 CodeableConcept
reference 1 Reference(CareTeam|Device|Group|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
""",
    "Consent.provision.data": """
meaning 1 code=consent-data-meaning
reference 1 Reference(Resource)
""",
    "Consent.verification": """
verified 1 boolean
verifiedWith ? Reference(Patient|RelatedPerson)
verificationDate ? dateTime
""",
    "ContactDetail": """
name ? string
telecom * ContactPoint
""",
    "ContactPoint": """
system ? code=contact-point-system
value ? string
use ? code=contact-point-use
rank ? positiveInt
period ? Period
""",
    "Contributor": """
type 1 code=contributor-type
name 1 string
contact * ContactDetail
""",
    "Count": """
value ? decimal
comparator ? code=quantity-comparator
unit ? string
system ? uri
code ? code
""",
    "Coverage": """
identifier * Identifier
status 1 code=fm-status
type ? CodeableConcept
policyHolder ? Reference(Organization|Patient|RelatedPerson)
subscriber ? Reference(Patient|RelatedPerson)
subscriberId ? string
beneficiary 1 Reference(Patient)
dependent ? string
relationship ? CodeableConcept
period ? Period
payor + Reference(Organization|Patient|RelatedPerson)
class * @Coverage.class
order ? positiveInt
network ? string
costToBeneficiary * @Coverage.costToBeneficiary
subrogation ? boolean
contract * Reference(Contract)
""",
    "Coverage.class": """
type 1 CodeableConcept
value 1 string
name ? string
""",
    "Coverage.costToBeneficiary": """
type ? CodeableConcept
value[x] 1 Quantity,Money
exception * @Coverage.costToBeneficiary.exception
""",
    "Coverage.costToBeneficiary.exception": """
type 1 CodeableConcept
period ? Period
""",
    "DataRequirement": """
type 1 code
profile * canonical
subject[x] ? CodeableConcept,Reference(Group)
mustSupport * string
codeFilter * @DataRequirement.codeFilter
dateFilter * @DataRequirement.dateFilter
limit ? positiveInt
sort * @DataRequirement.sort
""",
    "DataRequirement.codeFilter": """
path ? string
searchParam ? string
valueSet ? canonical
code * Coding
""",
    "DataRequirement.dateFilter": """
path ? string
searchParam ? string
value[x] ? dateTime,Period,Duration
""",
    "DataRequirement.sort": """
path 1 string
direction 1 code=sort-direction
""",
    "DetectedIssue": """
identifier * Identifier
status 1 code=observation-status
code ? CodeableConcept
severity ? code=detectedissue-severity
patient ? Reference(Patient)
identified[x] ? dateTime,Period
author ? Reference(Device|Practitioner|PractitionerRole)
implicated * Reference(Resource)
evidence * @DetectedIssue.evidence
detail ? string
reference ? uri
mitigation * @DetectedIssue.mitigation
""",
    "DetectedIssue.evidence": """
code * CodeableConcept
detail * Reference(Resource)
""",
    "DetectedIssue.mitigation": """
action 1 CodeableConcept
date ? dateTime
author ? Reference(Practitioner|PractitionerRole)
""",
    "Device": """
identifier * Identifier
definition ? Reference(DeviceDefinition)
udiCarrier * @Device.udiCarrier
status ? code=device-status
statusReason * CodeableConcept
distinctIdentifier ? string
manufacturer ? string
manufactureDate ? dateTime
expirationDate ? dateTime
lotNumber ? string
serialNumber ? string
deviceName * @Device.deviceName
modelNumber ? string
partNumber ? string
type ? CodeableConcept
specialization * @Device.specialization
version * @Device.version
property * @Device.property
patient ? Reference(Patient)
owner ? Reference(Organization)
contact * ContactPoint
location ? Reference(Location)
url ? uri
note * Annotation
safety * CodeableConcept
parent ? Reference(Device)
""",
    "Device.deviceName": """
name 1 string
type 1 code=device-nametype
""",
    "Device.property": """
type 1 CodeableConcept
valueQuantity * Quantity
valueCode * CodeableConcept
""",
    "Device.specialization": """
systemType 1 CodeableConcept
version ? string
""",
    "Device.udiCarrier": """
deviceIdentifier ? string
issuer ? uri
jurisdiction ? uri
carrierAIDC ? base64Binary
carrierHRF ? string
entryType ? code=udi-entry-type
""",
    "Device.version": """
type ? CodeableConcept
component ? Identifier
value 1 string
""",
    "DeviceRequest": """
identifier * Identifier
instantiatesCanonical * canonical
instantiatesUri * uri
basedOn * Reference(Resource)
priorRequest * Reference(Resource)
groupIdentifier ? Identifier
status ? code=request-status
intent 1 code=request-intent
priority ? code=request-priority
code[x] 1 Reference(Device),CodeableConcept
parameter * @DeviceRequest.parameter
subject 1 Reference(Device|Group|Location|Patient)
encounter ? Reference(Encounter)
occurrence[x] ? dateTime,Period,Timing
authoredOn ? dateTime
requester ? Reference(Device|Organization|Practitioner|PractitionerRole)
performerType ? CodeableConcept
performer ? Reference(CareTeam|Device|HealthcareService|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
reasonCode * CodeableConcept
reasonReference * Reference(Condition|DiagnosticReport|DocumentReference|Observation)
insurance * Reference(ClaimResponse|Coverage)
supportingInfo * Reference(Resource)
note * Annotation
relevantHistory * Reference(Provenance)
""",
    "DeviceRequest.parameter": """
code ? CodeableConcept
value[x] ? CodeableConcept,Quantity,Range,boolean
""",
    "DeviceUseStatement": """
identifier * Identifier
basedOn * Reference(ServiceRequest)
status 1 code=device-statement-status
subject 1 Reference(Group|Patient)
derivedFrom * Reference(Claim|DocumentReference|Observation|Procedure|QuestionnaireResponse|ServiceRequest)
timing[x] ? Timing,Period,dateTime
recordedOn ? dateTime
source ? Reference(Patient|Practitioner|PractitionerRole|RelatedPerson)
device 1 Reference(Device)
reasonCode * CodeableConcept
reasonReference * Reference(Condition|DiagnosticReport|DocumentReference|Media|Observation)
bodySite ? CodeableConcept
note * Annotation
""",
    "DiagnosticReport": """
identifier * Identifier
basedOn * Reference(CarePlan|ImmunizationRecommendation|MedicationRequest|NutritionOrder|ServiceRequest)
status 1 code=diagnostic-report-status
category * CodeableConcept
code 1 CodeableConcept
subject ? Reference(Device|Group|Location|Patient)
encounter ? Reference(Encounter)
effective[x] ? dateTime,Period
issued ? instant
performer * Reference(CareTeam|Organization|Practitioner|PractitionerRole)
resultsInterpreter * Reference(CareTeam|Organization|Practitioner|PractitionerRole)
specimen * Reference(Specimen)
result * Reference(Observation)
imagingStudy * Reference(ImagingStudy)
media * @DiagnosticReport.media
conclusion ? string
conclusionCode * CodeableConcept
presentedForm * Attachment
""",
    "DiagnosticReport.media": """
comment ? string
link 1 Reference(Media)
""",
    "Distance": """
value ? decimal
comparator ? code=quantity-comparator
unit ? string
system ? uri
code ? code
""",
    "DocumentReference": """
masterIdentifier ? Identifier
identifier * Identifier
status 1 code=document-reference-status
docStatus ? code=composition-status
type ? CodeableConcept
category * CodeableConcept
subject ? Reference(Device|Group|Patient|Practitioner)
date ? instant
author * Reference(Device|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
authenticator ? Reference(Organization|Practitioner|PractitionerRole)
custodian ? Reference(Organization)
relatesTo * @DocumentReference.relatesTo
description ? string
securityLabel * CodeableConcept
content + @DocumentReference.content
context ? @DocumentReference.context
""",
    "DocumentReference.content": """
attachment 1 Attachment
format ? Coding
""",
    "DocumentReference.context": """
encounter * Reference(Encounter|EpisodeOfCare)
event * CodeableConcept
period ? Period
facilityType ? CodeableConcept
practiceSetting ? CodeableConcept
sourcePatientInfo ? Reference(Patient)
related * Reference(Resource)
""",
    "DocumentReference.relatesTo": """
code 1 code=document-relationship-type
target 1 Reference(DocumentReference)
""",
    "DomainResource": """
id ? string
meta ? Meta
implicitRules ? uri
language ? code
text ? Narrative
contained * Resource
extension * Extension
modifierExtension * Extension
""",
    "Dosage": """
sequence ? integer
text ? string
additionalInstruction * CodeableConcept
patientInstruction ? string
timing ? Timing
asNeeded[x] ? boolean,CodeableConcept
site ? CodeableConcept
route ? CodeableConcept
method ? CodeableConcept
doseAndRate * @Dosage.doseAndRate
maxDosePerPeriod ? Ratio
maxDosePerAdministration ? Quantity
maxDosePerLifetime ? Quantity
""",
    "Dosage.doseAndRate": """
type ? CodeableConcept
dose[x] ? Range,Quantity
rate[x] ? Ratio,Range,Quantity
""",
    "Duration": """
value ? decimal
comparator ? code=quantity-comparator
unit ? string
system ? uri
code ? code
""",
    "Element": """
id ? string
extension * Extension
""",
    "Encounter": """
identifier * Identifier
status 1 code=encounter-status
statusHistory * @Encounter.statusHistory
class 1 Coding
classHistory * @Encounter.classHistory
type * CodeableConcept
serviceType ? CodeableConcept
priority ? CodeableConcept
subject ? Reference(Group|Patient)
episodeOfCare * Reference(EpisodeOfCare)
basedOn * Reference(ServiceRequest)
participant * @Encounter.participant
appointment * Reference(Appointment)
period ? Period
length ? Duration
reasonCode * CodeableConcept
reasonReference * Reference(Condition|ImmunizationRecommendation|Observation|Procedure)
diagnosis * @Encounter.diagnosis
account * Reference(Account)
hospitalization ? @Encounter.hospitalization
location * @Encounter.location
serviceProvider ? Reference(Organization)
partOf ? Reference(Encounter)
""",
    "Encounter.classHistory": """
class 1 Coding
period 1 Period
""",
    "Encounter.diagnosis": """
condition 1 Reference(Condition|Procedure)
use ? CodeableConcept
rank ? positiveInt
""",
    "Encounter.hospitalization": """
preAdmissionIdentifier ? Identifier
origin ? Reference(Location|Organization)
admitSource ? CodeableConcept
reAdmission ? CodeableConcept
dietPreference * CodeableConcept
specialCourtesy * CodeableConcept
specialArrangement * CodeableConcept
destination ? Reference(Location|Organization)
dischargeDisposition ? CodeableConcept
""",
    "Encounter.location": """
location 1 Reference(Location)
status ? code=encounter-location-status
physicalType ? CodeableConcept
period ? Period
""",
    "Encounter.participant": """
type * CodeableConcept
period ? Period
individual ? Reference(Practitioner|PractitionerRole|RelatedPerson)
""",
    "Encounter.statusHistory": """
status 1 code=encounter-status
period 1 Period
""",
    "EpisodeOfCare": """
identifier * Identifier
status 1 code=episode-of-care-status
statusHistory * @EpisodeOfCare.statusHistory
type * CodeableConcept
diagnosis * @EpisodeOfCare.diagnosis
patient 1 Reference(Patient)
managingOrganization ? Reference(Organization)
period ? Period
referralRequest * Reference(ServiceRequest)
careManager ? Reference(Practitioner|PractitionerRole)
team * Reference(CareTeam)
account * Reference(Account)
""",
    "EpisodeOfCare.diagnosis": """
condition 1 Reference(Condition)
role ? CodeableConcept
rank ? positiveInt
""",
    "EpisodeOfCare.statusHistory": """
status 1 code=episode-of-care-status
period 1 Period
""",
    "Expression": """
description ? string
name ? id
language 1 code
expression ? string
reference ? uri
""",
    "Extension": """
url 1 string
value[x] ? *
""",
    "FamilyMemberHistory": """
identifier * Identifier
instantiatesCanonical * canonical
instantiatesUri * uri
status 1 code=history-status
dataAbsentReason ? CodeableConcept
patient 1 Reference(Patient)
date ? dateTime
name ? string
relationship 1 CodeableConcept
sex ? CodeableConcept
born[x] ? Period,date,string
age[x] ? Age,Range,string
estimatedAge ? boolean
deceased[x] ? boolean,Age,Range,date,string
reasonCode * CodeableConcept
reasonReference * Reference(AllergyIntolerance|Condition|DiagnosticReport|DocumentReference|Observation|QuestionnaireResponse)
note * Annotation
condition * @FamilyMemberHistory.condition
""",
    "FamilyMemberHistory.condition": """
code 1 CodeableConcept
outcome ? CodeableConcept
contributedToDeath ? boolean
onset[x] ? Age,Range,Period,string
note * Annotation
""",
    "Flag": """
identifier * Identifier
status 1 code=flag-status
category * CodeableConcept
code 1 CodeableConcept
subject 1 Reference(Group|Location|Medication|Organization|Patient|PlanDefinition|Practitioner|Procedure)
period ? Period
encounter ? Reference(Encounter)
author ? Reference(Device|Organization|Patient|Practitioner|PractitionerRole)
""",
    "Goal": """
identifier * Identifier
lifecycleStatus 1 code=goal-status
achievementStatus ? CodeableConcept
category * CodeableConcept
priority ? CodeableConcept
description 1 CodeableConcept
subject 1 Reference(Group|Organization|Patient)
start[x] ? date,CodeableConcept
target * @Goal.target
statusDate ? date
statusReason ? string
expressedBy ? Reference(Patient|Practitioner|PractitionerRole|RelatedPerson)
addresses * Reference(Condition|MedicationStatement|NutritionOrder|Observation|RiskAssessment|ServiceRequest)
note * Annotation
outcomeCode * CodeableConcept
outcomeReference * Reference(Observation)
""",
    "Goal.target": """
measure ? CodeableConcept
detail[x] ? Quantity,Range,CodeableConcept,string,boolean,integer,Ratio
due[x] ? date,Duration
""",
    "Group": """
identifier * Identifier
active ? boolean
type 1 code=group-type
actual 1 boolean
code ? CodeableConcept
name ? string
quantity ? unsignedInt
managingEntity ? Reference(Organization|Practitioner|PractitionerRole|RelatedPerson)
characteristic * @Group.characteristic
member * @Group.member
""",
    "Group.characteristic": """
code 1 CodeableConcept
value[x] 1 CodeableConcept,boolean,Quantity,Range,Reference()
exclude 1 boolean
period ? Period
""",
    "Group.member": """
entity 1 Reference(Device|Group|Medication|Patient|Practitioner|PractitionerRole|Substance)
period ? Period
inactive ? boolean
""",
    "HealthcareService": """
identifier * Identifier
active ? boolean
providedBy ? Reference(Organization)
category * CodeableConcept
type * CodeableConcept
specialty * CodeableConcept
location * Reference(Location)
name ? string
comment ? string
extraDetails ? markdown
photo ? Attachment
telecom * ContactPoint
coverageArea * Reference(Location)
serviceProvisionCode * CodeableConcept
eligibility * @HealthcareService.eligibility
program * CodeableConcept
characteristic * CodeableConcept
communication * CodeableConcept
referralMethod * CodeableConcept
appointmentRequired ? boolean
availableTime * @HealthcareService.availableTime
notAvailable * @HealthcareService.notAvailable
availabilityExceptions ? string
endpoint * Reference(Endpoint)
""",
    "HealthcareService.availableTime": """
daysOfWeek * code=days-of-week
allDay ? boolean
availableStartTime ? time
availableEndTime ? time
""",
    "HealthcareService.eligibility": """
code ? CodeableConcept
comment ? markdown
""",
    "HealthcareService.notAvailable": """
description 1 string
during ? Period
""",
    "HumanName": """
use ? code=name-use
text ? string
family ? string
given * string
prefix * string
suffix * string
period ? Period
""",
    "Identifier": """
use ? code=identifier-use
type ? CodeableConcept
system ? uri
value ? string
period ? Period
assigner ? Reference(Organization)
""",
    "ImagingStudy": """
identifier * Identifier
status 1 code=imagingstudy-status
modality * Coding
subject 1 Reference(Device|Group|Patient)
encounter ? Reference(Encounter)
started ? dateTime
basedOn * Reference(Appointment|AppointmentResponse|CarePlan|ServiceRequest|Task)
referrer ? Reference(Practitioner|PractitionerRole)
interpreter * Reference(Practitioner|PractitionerRole)
endpoint * Reference(Endpoint)
numberOfSeries ? unsignedInt
numberOfInstances ? unsignedInt
procedureReference ? Reference(Procedure)
procedureCode * CodeableConcept
location ? Reference(Location)
reasonCode * CodeableConcept
reasonReference * Reference(Condition|DiagnosticReport|DocumentReference|Media|Observation)
note * Annotation
description ? string
series * @ImagingStudy.series
""",
    "ImagingStudy.series": """
uid 1 id
number ? unsignedInt
modality 1 Coding
description ? string
numberOfInstances ? unsignedInt
endpoint * Reference(Endpoint)
bodySite ? Coding
laterality ? Coding
specimen * Reference(Specimen)
started ? dateTime
performer * @ImagingStudy.series.performer
instance * @ImagingStudy.series.instance
""",
    "ImagingStudy.series.instance": """
uid 1 id
sopClass 1 Coding
number ? unsignedInt
title ? string
""",
    "ImagingStudy.series.performer": """
function ? CodeableConcept
actor 1 Reference(CareTeam|Device|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
""",
    "Immunization": """
identifier * Identifier
status 1 code=immunization-status
statusReason ? CodeableConcept
vaccineCode 1 CodeableConcept
patient 1 Reference(Patient)
encounter ? Reference(Encounter)
occurrence[x] 1 dateTime,string
recorded ? dateTime
primarySource ? boolean
reportOrigin ? CodeableConcept
location ? Reference(Location)
manufacturer ? Reference(Organization)
lotNumber ? string
expirationDate ? date
site ? CodeableConcept
route ? CodeableConcept
doseQuantity ? Quantity
performer * @Immunization.performer
note * Annotation
reasonCode * CodeableConcept
reasonReference * Reference(Condition|DiagnosticReport|Observation)
isSubpotent ? boolean
subpotentReason * CodeableConcept
education * @Immunization.education
programEligibility * CodeableConcept
fundingSource ? CodeableConcept
reaction * @Immunization.reaction
protocolApplied * @Immunization.protocolApplied
""",
    "Immunization.education": """
documentType ? string
reference ? uri
publicationDate ? dateTime
presentationDate ? dateTime
""",
    "Immunization.performer": """
function ? CodeableConcept
actor 1 Reference(Organization|Practitioner|PractitionerRole)
""",
    "Immunization.protocolApplied": """
series ? string
authority ? Reference(Organization)
targetDisease * CodeableConcept
doseNumber[x] 1 positiveInt,string
seriesDoses[x] ? positiveInt,string
""",
    "Immunization.reaction": """
date ? dateTime
detail ? Reference(Observation)
reported ? boolean
""",
    "List": """
identifier * Identifier
status 1 code=list-status
mode 1 code=list-mode
title ? string
code ? CodeableConcept
subject ? Reference(Device|Group|Location|Patient)
encounter ? Reference(Encounter)
date ? dateTime
source ? Reference(Device|Patient|Practitioner|PractitionerRole)
orderedBy ? CodeableConcept
note * Annotation
entry * @List.entry
emptyReason ? CodeableConcept
""",
    "List.entry": """
flag ? CodeableConcept
deleted ? boolean
date ? dateTime
item 1 Reference(Resource)
""",
    "Location": """
identifier * Identifier
status ? code=location-status
operationalStatus ? Coding
name ? string
alias * string
description ? string
mode ? code=location-mode
type * CodeableConcept
telecom * ContactPoint
address ? Address
physicalType ? CodeableConcept
position ? @Location.position
managingOrganization ? Reference(Organization)
partOf ? Reference(Location)
hoursOfOperation * @Location.hoursOfOperation
availabilityExceptions ? string
endpoint * Reference(Endpoint)
""",
    "Location.hoursOfOperation": """
daysOfWeek * code=days-of-week
allDay ? boolean
openingTime ? time
closingTime ? time
""",
    "Location.position": """
longitude 1 decimal
latitude 1 decimal
altitude ? decimal
""",
    "Media": """
identifier * Identifier
basedOn * Reference(CarePlan|ServiceRequest)
partOf * Reference(Resource)
status 1 code=event-status
type ? CodeableConcept
modality ? CodeableConcept
view ? CodeableConcept
subject ? Reference(Device|Group|Location|Patient|Practitioner|PractitionerRole|Specimen)
encounter ? Reference(Encounter)
created[x] ? dateTime,Period
issued ? instant
operator ? Reference(CareTeam|Device|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
reasonCode * CodeableConcept
bodySite ? CodeableConcept
deviceName ? string
device ? Reference(Device|Device|DeviceMetric)
height ? positiveInt
width ? positiveInt
frames ? positiveInt
duration ? decimal
content 1 Attachment
note * Annotation
""",
    "Medication": """
identifier * Identifier
code ? CodeableConcept
status ? code=medication-status
manufacturer ? Reference(Organization)
form ? CodeableConcept
amount ? Ratio
ingredient * @Medication.ingredient
batch ? @Medication.batch
""",
    "Medication.batch": """
lotNumber ? string
expirationDate ? dateTime
""",
    "Medication.ingredient": """
item[x] 1 CodeableConcept,Reference(Medication|Substance)
isActive ? boolean
strength ? Ratio
""",
    "MedicationAdministration": """
identifier * Identifier
instantiates * uri
partOf * Reference(MedicationAdministration|Procedure)
status 1 code=medication-admin-status
statusReason * CodeableConcept
category ? CodeableConcept
medication[x] 1 CodeableConcept,Reference(Medication)
subject 1 Reference(Group|Patient)
context ? Reference(Encounter|EpisodeOfCare)
supportingInformation * Reference(Resource)
effective[x] 1 dateTime,Period
performer * @MedicationAdministration.performer
reasonCode * CodeableConcept
reasonReference * Reference(Condition|DiagnosticReport|Observation)
request ? Reference(MedicationRequest)
device * Reference(Device)
note * Annotation
dosage ? @MedicationAdministration.dosage
eventHistory * Reference(Provenance)
""",
    "MedicationAdministration.dosage": """
text ? string
site ? CodeableConcept
route ? CodeableConcept
method ? CodeableConcept
dose ? Quantity
rate[x] ? Ratio,Quantity
""",
    "MedicationAdministration.performer": """
function ? CodeableConcept
actor 1 Reference(Device|Patient|Practitioner|PractitionerRole|RelatedPerson)
""",
    "MedicationDispense": """
identifier * Identifier
partOf * Reference(Procedure)
status 1 code=medicationdispense-status
statusReason[x] ? CodeableConcept,Reference(DetectedIssue)
category ? CodeableConcept
medication[x] 1 CodeableConcept,Reference(Medication)
subject ? Reference(Group|Patient)
context ? Reference(Encounter|EpisodeOfCare)
supportingInformation * Reference(Resource)
performer * @MedicationDispense.performer
location ? Reference(Location)
authorizingPrescription * Reference(MedicationRequest)
type ? CodeableConcept
quantity ? Quantity
daysSupply ? Quantity
whenPrepared ? dateTime
whenHandedOver ? dateTime
destination ? Reference(Location)
receiver * Reference(Patient|Practitioner)
note * Annotation
dosageInstruction * Dosage
substitution ? @MedicationDispense.substitution
detectedIssue * Reference(DetectedIssue)
eventHistory * Reference(Provenance)
""",
    "MedicationDispense.performer": """
function ? CodeableConcept
actor 1 Reference(Device|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
""",
    "MedicationDispense.substitution": """
wasSubstituted 1 boolean
type ? CodeableConcept
reason * CodeableConcept
responsibleParty * Reference(Practitioner|PractitionerRole)
""",
    "MedicationRequest": """
identifier * Identifier
status 1 code=medicationrequest-status
statusReason ? CodeableConcept
intent 1 code=medicationrequest-intent
category * CodeableConcept
priority ? code=request-priority
doNotPerform ? boolean
reported[x] ? boolean,Reference(Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
medication[x] 1 CodeableConcept,Reference(Medication)
subject 1 Reference(Group|Patient)
encounter ? Reference(Encounter)
supportingInformation * Reference(Resource)
authoredOn ? dateTime
requester ? Reference(Device|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
performer ? Reference(CareTeam|Device|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
performerType ? CodeableConcept
recorder ? Reference(Practitioner|PractitionerRole)
reasonCode * CodeableConcept
reasonReference * Reference(Condition|Observation)
instantiatesCanonical * canonical
instantiatesUri * uri
basedOn * Reference(CarePlan|ImmunizationRecommendation|MedicationRequest|ServiceRequest)
groupIdentifier ? Identifier
courseOfTherapyType ? CodeableConcept
insurance * Reference(ClaimResponse|Coverage)
note * Annotation
dosageInstruction * Dosage
dispenseRequest ? @MedicationRequest.dispenseRequest
substitution ? @MedicationRequest.substitution
priorPrescription ? Reference(MedicationRequest)
detectedIssue * Reference(DetectedIssue)
eventHistory * Reference(Provenance)
""",
    "MedicationRequest.dispenseRequest": """
initialFill ? @MedicationRequest.dispenseRequest.initialFill
dispenseInterval ? Duration
validityPeriod ? Period
numberOfRepeatsAllowed ? unsignedInt
quantity ? Quantity
expectedSupplyDuration ? Duration
performer ? Reference(Organization)
""",
    "MedicationRequest.dispenseRequest.initialFill": """
quantity ? Quantity
duration ? Duration
""",
    "MedicationRequest.substitution": """
allowed[x] 1 boolean,CodeableConcept
reason ? CodeableConcept
""",
    "MedicationStatement": """
identifier * Identifier
basedOn * Reference(CarePlan|MedicationRequest|ServiceRequest)
partOf * Reference(MedicationAdministration|MedicationDispense|MedicationStatement|Observation|Procedure)
status 1 code=medication-statement-status
statusReason * CodeableConcept
category ? CodeableConcept
medication[x] 1 CodeableConcept,Reference(Medication)
subject 1 Reference(Group|Patient)
context ? Reference(Encounter|EpisodeOfCare)
effective[x] ? dateTime,Period
dateAsserted ? dateTime
informationSource ? Reference(Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
derivedFrom * Reference(Resource)
reasonCode * CodeableConcept
reasonReference * Reference(Condition|DiagnosticReport|Observation)
note * Annotation
dosage * Dosage
""",
    "Meta": """
versionId ? id
lastUpdated ? instant
source ? uri
profile * canonical
security * Coding
tag * Coding
""",
    "Money": """
value ? decimal
currency ? code
""",
    "Narrative": """
status 1 code=narrative-status
div 1 xhtml
""",
    "Observation": """
identifier * Identifier
basedOn * Reference(CarePlan|DeviceRequest|ImmunizationRecommendation|MedicationRequest|NutritionOrder|ServiceRequest)
partOf * Reference(ImagingStudy|Immunization|MedicationAdministration|MedicationDispense|MedicationStatement|Procedure)
status 1 code=observation-status
category * CodeableConcept
code 1 CodeableConcept
subject ? Reference(Device|Group|Location|Patient)
focus * Reference(Resource)
encounter ? Reference(Encounter)
effective[x] ? dateTime,Period,Timing,instant
issued ? instant
performer * Reference(CareTeam|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
value[x] ? Quantity,CodeableConcept,string,boolean,integer,Range,Ratio,SampledData,time,dateTime,Period
dataAbsentReason ? CodeableConcept
interpretation * CodeableConcept
note * Annotation
bodySite ? CodeableConcept
method ? CodeableConcept
specimen ? Reference(Specimen)
device ? Reference(Device|DeviceMetric)
referenceRange * @Observation.referenceRange
hasMember * Reference(MolecularSequence|Observation|QuestionnaireResponse)
derivedFrom * Reference(DocumentReference|ImagingStudy|Media|MolecularSequence|Observation|QuestionnaireResponse)
component * @Observation.component
""",
    "Observation.component": """
code 1 CodeableConcept
value[x] ? Quantity,CodeableConcept,string,boolean,integer,Range,Ratio,SampledData,time,dateTime,Period
dataAbsentReason ? CodeableConcept
interpretation * CodeableConcept
referenceRange * @Observation.referenceRange
""",
    "Observation.referenceRange": """
low ? Quantity
high ? Quantity
type ? CodeableConcept
appliesTo * CodeableConcept
age ? Range
text ? string
""",
    "OperationOutcome": """
issue + @OperationOutcome.issue
""",
    "OperationOutcome.issue": """
severity 1 code=issue-severity
code 1 code=issue-type
details ? CodeableConcept
diagnostics ? string
location * string
expression * string
""",
    "Organization": """
identifier * Identifier
active ? boolean
type * CodeableConcept
name ? string
alias * string
telecom * ContactPoint
address * Address
partOf ? Reference(Organization)
contact * @Organization.contact
endpoint * Reference(Endpoint)
""",
    "Organization.contact": """
purpose ? CodeableConcept
name ? HumanName
telecom * ContactPoint
address ? Address
""",
    "ParameterDefinition": """
name ? code
use 1 code=operation-parameter-use
min ? integer
max ? string
documentation ? string
type 1 code
profile ? canonical
""",
    "Parameters": """
parameter * @Parameters.parameter
""",
    "Parameters.parameter": """
name 1 string
value[x] ? *
resource ? Resource
part * @Parameters.parameter
""",
    "Patient": """
identifier * Identifier
active ? boolean
name * HumanName
telecom * ContactPoint
gender ? code=administrative-gender
birthDate ? date
deceased[x] ? boolean,dateTime
address * Address
maritalStatus ? CodeableConcept
multipleBirth[x] ? boolean,integer
photo * Attachment
contact * @Patient.contact
communication * @Patient.communication
generalPractitioner * Reference(Organization|Practitioner|PractitionerRole)
managingOrganization ? Reference(Organization)
link * @Patient.link
""",
    "Patient.communication": """
language 1 CodeableConcept
preferred ? boolean
""",
    "Patient.contact": """
relationship * CodeableConcept
name ? HumanName
telecom * ContactPoint
address ? Address
gender ? code=administrative-gender
organization ? Reference(Organization)
period ? Period
""",
    "Patient.link": """
other 1 Reference(Patient|RelatedPerson)
type 1 code=link-type
""",
    "Period": """
start ? dateTime
end ? dateTime
""",
    "Person": """
identifier * Identifier
name * HumanName
telecom * ContactPoint
gender ? code=administrative-gender
birthDate ? date
address * Address
photo ? Attachment
managingOrganization ? Reference(Organization)
active ? boolean
link * @Person.link
""",
    "Person.link": """
target 1 Reference(Patient|Person|Practitioner|RelatedPerson)
assurance ? code=identity-assuranceLevel
""",
    "Practitioner": """
identifier * Identifier
active ? boolean
name * HumanName
telecom * ContactPoint
address * Address
gender ? code=administrative-gender
birthDate ? date
photo * Attachment
qualification * @Practitioner.qualification
communication * CodeableConcept
""",
    "Practitioner.qualification": """
identifier * Identifier
code 1 CodeableConcept
period ? Period
issuer ? Reference(Organization)
""",
    "PractitionerRole": """
identifier * Identifier
active ? boolean
period ? Period
practitioner ? Reference(Practitioner)
organization ? Reference(Organization)
code * CodeableConcept
specialty * CodeableConcept
location * Reference(Location)
healthcareService * Reference(HealthcareService)
telecom * ContactPoint
availableTime * @PractitionerRole.availableTime
notAvailable * @PractitionerRole.notAvailable
availabilityExceptions ? string
endpoint * Reference(Endpoint)
""",
    "PractitionerRole.availableTime": """
daysOfWeek * code=days-of-week
allDay ? boolean
availableStartTime ? time
availableEndTime ? time
""",
    "PractitionerRole.notAvailable": """
description 1 string
during ? Period
""",
    "Procedure": """
identifier * Identifier
instantiatesCanonical * canonical
instantiatesUri * uri
basedOn * Reference(CarePlan|ServiceRequest)
partOf * Reference(MedicationAdministration|Observation|Procedure)
status 1 code=event-status
statusReason ? CodeableConcept
category ? CodeableConcept
code ? CodeableConcept
subject 1 Reference(Group|Patient)
encounter ? Reference(Encounter)
performed[x] ? dateTime,Period,string,Age,Range
recorder ? Reference(Patient|Practitioner|PractitionerRole|RelatedPerson)
asserter ? Reference(Patient|Practitioner|PractitionerRole|RelatedPerson)
performer * @Procedure.performer
location ? Reference(Location)
reasonCode * CodeableConcept
reasonReference * Reference(Condition|DiagnosticReport|DocumentReference|Observation|Procedure)
bodySite * CodeableConcept
outcome ? CodeableConcept
report * Reference(Composition|DiagnosticReport|DocumentReference)
complication * CodeableConcept
complicationDetail * Reference(Condition)
followUp * CodeableConcept
note * Annotation
focalDevice * @Procedure.focalDevice
usedReference * Reference(Device|Medication|Substance)
usedCode * CodeableConcept
""",
    "Procedure.focalDevice": """
action ? CodeableConcept
manipulated 1 Reference(Device)
""",
    "Procedure.performer": """
function ? CodeableConcept
actor 1 Reference(Device|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
onBehalfOf ? Reference(Organization)
""",
    "Provenance": """
target + Reference(Resource)
occurred[x] ? Period,dateTime
recorded 1 instant
policy * uri
location ? Reference(Location)
reason * CodeableConcept
activity ? CodeableConcept
agent + @Provenance.agent
entity * @Provenance.entity
signature * Signature
""",
    "Provenance.agent": """
type ? CodeableConcept
role * CodeableConcept
who 1 Reference(Device|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
onBehalfOf ? Reference(Device|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
""",
    "Provenance.entity": """
role 1 code=provenance-entity-role
what 1 Reference(Resource)
agent * @Provenance.agent
""",
    "Quantity": """
value ? decimal
comparator ? code=quantity-comparator
unit ? string
system ? uri
code ? code
""",
    "Questionnaire": """
url ? uri
identifier * Identifier
version ? string
name ? string
title ? string
derivedFrom * canonical
status 1 code=publication-status
experimental ? boolean
subjectType * code=resource-types
date ? dateTime
publisher ? string
contact * ContactDetail
description ? markdown
useContext * UsageContext
jurisdiction * CodeableConcept
purpose ? markdown
copyright ? markdown
approvalDate ? date
lastReviewDate ? date
effectivePeriod ? Period
code * Coding
item * @Questionnaire.item
""",
    "Questionnaire.item": """
linkId 1 string
definition ? uri
code * Coding
prefix ? string
text ? string
type 1 code=item-type
enableWhen * @Questionnaire.item.enableWhen
enableBehavior ? code=questionnaire-enable-behavior
required ? boolean
repeats ? boolean
readOnly ? boolean
maxLength ? integer
answerValueSet ? canonical
answerOption * @Questionnaire.item.answerOption
initial * @Questionnaire.item.initial
item * @Questionnaire.item
""",
    "Questionnaire.item.answerOption": """
value[x] 1 integer,date,time,string,Coding,Reference(Resource)
initialSelected ? boolean
""",
    "Questionnaire.item.enableWhen": """
question 1 string
operator 1 code=questionnaire-enable-operator
answer[x] 1 boolean,decimal,integer,date,dateTime,time,string,Coding,Quantity,Reference(Resource)
""",
    "Questionnaire.item.initial": """
value[x] 1 boolean,decimal,integer,date,dateTime,time,string,uri,Attachment,Coding,Quantity,Reference(Resource)
""",
    "QuestionnaireResponse": """
identifier ? Identifier
basedOn * Reference(CarePlan|ServiceRequest)
partOf * Reference(Observation|Procedure)
questionnaire ? canonical
status 1 code=questionnaire-answers-status
subject ? Reference(Resource)
encounter ? Reference(Encounter)
authored ? dateTime
author ? Reference(Device|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
source ? Reference(Patient|Practitioner|PractitionerRole|RelatedPerson)
item * @QuestionnaireResponse.item
""",
    "QuestionnaireResponse.item": """
linkId 1 string
definition ? uri
text ? string
answer * @QuestionnaireResponse.item.answer
item * @QuestionnaireResponse.item
""",
    "QuestionnaireResponse.item.answer": """
value[x] ? boolean,decimal,integer,date,dateTime,time,string,uri,Attachment,Coding,Quantity,Reference(Resource)
item * @QuestionnaireResponse.item
""",
    "Range": """
low ? Quantity
high ? Quantity
""",
    "Ratio": """
numerator ? Quantity
denominator ? Quantity
""",
    "Reference": """
reference ? string
type ? uri
identifier ? Identifier
display ? string
""",
    "RelatedArtifact": """
type 1 code=related-artifact-type
label ? string
display ? string
citation ? markdown
url ? url
document ? Attachment
resource ? canonical
""",
    "RelatedPerson": """
identifier * Identifier
active ? boolean
patient 1 Reference(Patient)
relationship * CodeableConcept
name * HumanName
telecom * ContactPoint
gender ? code=administrative-gender
birthDate ? date
address * Address
photo * Attachment
period ? Period
communication * @RelatedPerson.communication
""",
    "RelatedPerson.communication": """
language 1 CodeableConcept
preferred ? boolean
""",
    "Resource": """
id ? string
meta ? Meta
implicitRules ? uri
language ? code
""",
    "RiskAssessment": """
identifier * Identifier
basedOn ? Reference(Resource)
parent ? Reference(Resource)
status 1 code=observation-status
method ? CodeableConcept
code ? CodeableConcept
subject 1 Reference(Group|Patient)
encounter ? Reference(Encounter)
occurrence[x] ? dateTime,Period
condition ? Reference(Condition)
performer ? Reference(Device|Practitioner|PractitionerRole)
reasonCode * CodeableConcept
reasonReference * Reference(Condition|DiagnosticReport|DocumentReference|Observation)
basis * Reference(Resource)
prediction * @RiskAssessment.prediction
mitigation ? string
note * Annotation
""",
    "RiskAssessment.prediction": """
outcome ? CodeableConcept
probability[x] ? decimal,Range
qualitativeRisk ? CodeableConcept
relativeRisk ? decimal
when[x] ? Period,Range
rationale ? string
""",
    "SampledData": """
origin 1 Quantity
period 1 decimal
factor ? decimal
lowerLimit ? decimal
upperLimit ? decimal
dimensions 1 positiveInt
data ? string
""",
    "ServiceRequest": """
identifier * Identifier
instantiatesCanonical * canonical
instantiatesUri * uri
basedOn * Reference(CarePlan|MedicationRequest|ServiceRequest)
replaces * Reference(ServiceRequest)
requisition ? Identifier
status 1 code=request-status
intent 1 code=request-intent
category * CodeableConcept
priority ? code=request-priority
doNotPerform ? boolean
code ? CodeableConcept
orderDetail * CodeableConcept
quantity[x] ? Quantity,Ratio,Range
subject 1 Reference(Device|Group|Location|Patient)
encounter ? Reference(Encounter)
occurrence[x] ? dateTime,Period,Timing
asNeeded[x] ? boolean,CodeableConcept
authoredOn ? dateTime
requester ? Reference(Device|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
performerType ? CodeableConcept
performer * Reference(CareTeam|Device|HealthcareService|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
locationCode * CodeableConcept
locationReference * Reference(Location)
reasonCode * CodeableConcept
reasonReference * Reference(Condition|DiagnosticReport|DocumentReference|Observation)
insurance * Reference(ClaimResponse|Coverage)
supportingInfo * Reference(Resource)
specimen * Reference(Specimen)
bodySite * CodeableConcept
note * Annotation
patientInstruction ? string
relevantHistory * Reference(Provenance)
""",
    "Signature": """
type + Coding
when 1 instant
who 1 Reference(Device|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
onBehalfOf ? Reference(Device|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
targetFormat ? code
sigFormat ? code
data ? base64Binary
""",
    "Specimen": """
identifier * Identifier
accessionIdentifier ? Identifier
status ? code=specimen-status
type ? CodeableConcept
subject ? Reference(Device|Group|Location|Patient|Substance)
receivedTime ? dateTime
parent * Reference(Specimen)
request * Reference(ServiceRequest)
collection ? @Specimen.collection
processing * @Specimen.processing
container * @Specimen.container
condition * CodeableConcept
note * Annotation
""",
    "Specimen.collection": """
collector ? Reference(Practitioner|PractitionerRole)
collected[x] ? dateTime,Period
duration ? Duration
quantity ? Quantity
method ? CodeableConcept
bodySite ? CodeableConcept
fastingStatus[x] ? CodeableConcept,Duration
""",
    "Specimen.container": """
identifier * Identifier
description ? string
type ? CodeableConcept
capacity ? Quantity
specimenQuantity ? Quantity
additive[x] ? CodeableConcept,Reference(Substance)
""",
    "Specimen.processing": """
description ? string
procedure ? CodeableConcept
additive * Reference(Substance)
time[x] ? dateTime,Period
""",
    "Substance": """
identifier * Identifier
status ? code=substance-status
category * CodeableConcept
code 1 CodeableConcept
description ? string
instance * @Substance.instance
ingredient * @Substance.ingredient
""",
    "Substance.ingredient": """
quantity ? Ratio
substance[x] 1 CodeableConcept,Reference(Substance)
""",
    "Substance.instance": """
identifier ? Identifier
expiry ? dateTime
quantity ? Quantity
""",
    "Task": """
identifier * Identifier
instantiatesCanonical ? canonical
instantiatesUri ? uri
basedOn * Reference(Resource)
groupIdentifier ? Identifier
partOf * Reference(Task)
status 1 code=task-status
statusReason ? CodeableConcept
businessStatus ? CodeableConcept
intent 1 code=task-intent
priority ? code=request-priority
code ? CodeableConcept
description ? string
focus ? Reference(Resource)
for ? Reference(Resource)
encounter ? Reference(Encounter)
executionPeriod ? Period
authoredOn ? dateTime
lastModified ? dateTime
requester ? Reference(Device|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
performerType * CodeableConcept
owner ? Reference(CareTeam|Device|HealthcareService|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
location ? Reference(Location)
reasonCode ? CodeableConcept
reasonReference ? Reference(Resource)
insurance * Reference(ClaimResponse|Coverage)
note * Annotation
relevantHistory * Reference(Provenance)
restriction ? @Task.restriction
input * @Task.input
output * @Task.output
""",
    "Task.input": """
type 1 CodeableConcept
value[x] 1 *
""",
    "Task.output": """
type 1 CodeableConcept
value[x] 1 *
""",
    "Task.restriction": """
repetitions ? positiveInt
period ? Period
recipient * Reference(Group|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson)
""",
    "Timing": """
event * dateTime
repeat ? @Timing.repeat
code ? CodeableConcept
""",
    "Timing.repeat": """
bounds[x] ? Duration,Range,Period
count ? positiveInt
countMax ? positiveInt
duration ? decimal
durationMax ? decimal
durationUnit ? code=units-of-time
frequency ? positiveInt
frequencyMax ? positiveInt
period ? decimal
periodMax ? decimal
periodUnit ? code=units-of-time
dayOfWeek * code=days-of-week
timeOfDay * time
when * code=event-timing
offset ? unsignedInt
""",
    "TriggerDefinition": """
type 1 code=trigger-type
name ? string
timing[x] ? Timing,Reference(Schedule),date,dateTime
data * DataRequirement
condition ? Expression
""",
    "UsageContext": """
code 1 Coding
value[x] 1 CodeableConcept,Quantity,Range,Reference(Group|HealthcareService|InsurancePlan|Location|Organization|PlanDefinition|ResearchStudy)
""",
}

VALUE_SETS = {
    "FHIR-version": {"http://hl7.org/fhir/FHIR-version": "0.01 0.05 0.06 0.11 0.0.80 0.0.81 0.0.82 0.4.0 0.5.0 1.0.0 1.0.1 1.0.2 1.1.0 1.4.0 1.6.0 1.8.0 3.0.0 3.0.1 3.3.0 3.5.0 4.0.0 4.0.1"},
    "address-type": {"http://hl7.org/fhir/address-type": "postal physical both"},
    "address-use": {"http://hl7.org/fhir/address-use": "home work temp old billing"},
    "administrative-gender": {"http://hl7.org/fhir/administrative-gender": "male female other unknown"},
    "allergy-intolerance-category": {"http://hl7.org/fhir/allergy-intolerance-category": "food medication environment biologic"},
    "allergy-intolerance-criticality": {"http://hl7.org/fhir/allergy-intolerance-criticality": "low high unable-to-assess"},
    "allergy-intolerance-type": {"http://hl7.org/fhir/allergy-intolerance-type": "allergy intolerance"},
    "allergyintolerance-clinical": {"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical": "active inactive resolved"},
    "allergyintolerance-verification": {"http://terminology.hl7.org/CodeSystem/allergyintolerance-verification": "unconfirmed confirmed refuted entered-in-error"},
    "appointmentstatus": {"http://hl7.org/fhir/appointmentstatus": "proposed pending booked arrived fulfilled cancelled noshow entered-in-error checked-in waitlist"},
    "bundle-type": {"http://hl7.org/fhir/bundle-type": "document message transaction transaction-response batch batch-response history searchset collection"},
    "capability-statement-kind": {"http://hl7.org/fhir/capability-statement-kind": "instance capability requirements"},
    "care-plan-activity-kind": {"http://hl7.org/fhir/resource-types": "Appointment CommunicationRequest DeviceRequest MedicationRequest NutritionOrder Task ServiceRequest VisionPrescription"},
    "care-plan-activity-status": {"http://hl7.org/fhir/care-plan-activity-status": "not-started scheduled in-progress on-hold completed cancelled stopped unknown entered-in-error"},
    "care-plan-intent": {"http://hl7.org/fhir/request-intent": "proposal plan order option"},
    "care-team-status": {"http://hl7.org/fhir/care-team-status": "proposed active suspended inactive entered-in-error"},
    "clinicalimpression-status": {"http://hl7.org/fhir/event-status": "in-progress completed entered-in-error"},
    "composition-attestation-mode": {"http://hl7.org/fhir/composition-attestation-mode": "personal professional legal official"},
    "composition-status": {"http://hl7.org/fhir/composition-status": "preliminary final amended entered-in-error"},
    "condition-clinical": {"http://terminology.hl7.org/CodeSystem/condition-clinical": "active recurrence relapse inactive remission resolved"},
    "condition-ver-status": {"http://terminology.hl7.org/CodeSystem/condition-ver-status": "unconfirmed provisional differential confirmed refuted entered-in-error"},
    "conditional-delete-status": {"http://hl7.org/fhir/conditional-delete-status": "not-supported single multiple"},
    "conditional-read-status": {"http://hl7.org/fhir/conditional-read-status": "not-supported modified-since not-match full-support"},
    "consent-data-meaning": {"http://hl7.org/fhir/consent-data-meaning": "instance related dependents authoredby"},
    "consent-provision-type": {"http://hl7.org/fhir/consent-provision-type": "deny permit"},
    "consent-state-codes": {"http://hl7.org/fhir/consent-state-codes": "draft proposed active rejected inactive entered-in-error"},
    "contact-point-system": {"http://hl7.org/fhir/contact-point-system": "phone fax email pager url sms other"},
    "contact-point-use": {"http://hl7.org/fhir/contact-point-use": "home work temp old mobile"},
    "contributor-type": {"http://hl7.org/fhir/contributor-type": "author editor reviewer endorser"},
    "days-of-week": {"http://hl7.org/fhir/days-of-week": "mon tue wed thu fri sat sun"},
    "detectedissue-severity": {"http://hl7.org/fhir/detectedissue-severity": "high moderate low"},
    "device-nametype": {"http://hl7.org/fhir/device-nametype": "udi-label-name user-friendly-name patient-reported-name manufacturer-name model-name other"},
    "device-statement-status": {"http://hl7.org/fhir/device-statement-status": "active completed entered-in-error intended stopped on-hold"},
    "device-status": {"http://hl7.org/fhir/device-status": "active inactive entered-in-error unknown"},
    "diagnostic-report-status": {"http://hl7.org/fhir/diagnostic-report-status": "registered partial preliminary final amended corrected appended cancelled entered-in-error unknown"},
    "document-mode": {"http://hl7.org/fhir/document-mode": "producer consumer"},
    "document-reference-status": {"http://hl7.org/fhir/document-reference-status": "current superseded entered-in-error"},
    "document-relationship-type": {"http://hl7.org/fhir/document-relationship-type": "replaces transforms signs appends"},
    "encounter-location-status": {"http://hl7.org/fhir/encounter-location-status": "planned active reserved completed"},
    "encounter-status": {"http://hl7.org/fhir/encounter-status": "planned arrived triaged in-progress onleave finished cancelled entered-in-error unknown"},
    "episode-of-care-status": {"http://hl7.org/fhir/episode-of-care-status": "planned waitlist active onhold finished cancelled entered-in-error"},
    "event-capability-mode": {"http://hl7.org/fhir/event-capability-mode": "sender receiver"},
    "event-status": {"http://hl7.org/fhir/event-status": "preparation in-progress not-done on-hold stopped completed entered-in-error unknown"},
    "event-timing": {"http://hl7.org/fhir/event-timing": "MORN MORN.early MORN.late NOON AFT AFT.early AFT.late EVE EVE.early EVE.late NIGHT PHS", "http://terminology.hl7.org/CodeSystem/v3-TimingEvent": "HS WAKE C CM CD CV AC ACM ACD ACV PC PCM PCD PCV"},
    "flag-status": {"http://hl7.org/fhir/flag-status": "active inactive entered-in-error"},
    "fm-status": {"http://hl7.org/fhir/fm-status": "active cancelled draft entered-in-error"},
    "goal-status": {"http://hl7.org/fhir/goal-status": "proposed planned accepted active on-hold completed cancelled entered-in-error rejected"},
    "group-type": {"http://hl7.org/fhir/group-type": "person animal practitioner device medication substance"},
    "history-status": {"http://hl7.org/fhir/history-status": "partial completed entered-in-error health-unknown"},
    "http-verb": {"http://hl7.org/fhir/http-verb": "GET HEAD POST PUT DELETE PATCH"},
    "identifier-use": {"http://hl7.org/fhir/identifier-use": "usual official temp secondary old"},
    "identity-assuranceLevel": {"http://hl7.org/fhir/identity-assuranceLevel": "level1 level2 level3 level4"},
    "imagingstudy-status": {"http://hl7.org/fhir/imagingstudy-status": "registered available cancelled entered-in-error unknown"},
    "immunization-status": {"http://hl7.org/fhir/event-status": "completed entered-in-error not-done"},
    "issue-severity": {"http://hl7.org/fhir/issue-severity": "fatal error warning information"},
    "issue-type": {"http://hl7.org/fhir/issue-type": "invalid structure required value invariant security login unknown expired forbidden suppressed processing not-supported duplicate multiple-matches not-found deleted too-long code-invalid extension too-costly business-rule conflict transient lock-error no-store exception timeout incomplete throttled informational"},
    "item-type": {"http://hl7.org/fhir/item-type": "group display question boolean decimal integer date dateTime time string text url choice open-choice attachment reference quantity"},
    "link-type": {"http://hl7.org/fhir/link-type": "replaced-by replaces refer seealso"},
    "list-mode": {"http://hl7.org/fhir/list-mode": "working snapshot changes"},
    "list-status": {"http://hl7.org/fhir/list-status": "current retired entered-in-error"},
    "location-mode": {"http://hl7.org/fhir/location-mode": "instance kind"},
    "location-status": {"http://hl7.org/fhir/location-status": "active suspended inactive"},
    "medication-admin-status": {"http://terminology.hl7.org/CodeSystem/medication-admin-status": "in-progress not-done on-hold completed entered-in-error stopped unknown"},
    "medication-statement-status": {"http://hl7.org/fhir/CodeSystem/medication-statement-status": "active completed entered-in-error intended stopped on-hold unknown not-taken"},
    "medication-status": {"http://hl7.org/fhir/CodeSystem/medication-status": "active inactive entered-in-error"},
    "medicationdispense-status": {"http://terminology.hl7.org/CodeSystem/medicationdispense-status": "preparation in-progress cancelled on-hold completed entered-in-error stopped declined unknown"},
    "medicationrequest-intent": {"http://hl7.org/fhir/CodeSystem/medicationrequest-intent": "proposal plan order original-order reflex-order filler-order instance-order option"},
    "medicationrequest-status": {"http://hl7.org/fhir/CodeSystem/medicationrequest-status": "active on-hold cancelled completed entered-in-error stopped draft unknown"},
    "name-use": {"http://hl7.org/fhir/name-use": "usual official temp nickname anonymous old maiden"},
    "narrative-status": {"http://hl7.org/fhir/narrative-status": "generated extensions additional empty"},
    "observation-status": {"http://hl7.org/fhir/observation-status": "registered preliminary final amended corrected cancelled entered-in-error unknown"},
    "operation-parameter-use": {"http://hl7.org/fhir/operation-parameter-use": "in out"},
    "participantrequired": {"http://hl7.org/fhir/participantrequired": "required optional information-only"},
    "participationstatus": {"http://hl7.org/fhir/participationstatus": "accepted declined tentative needs-action"},
    "provenance-entity-role": {"http://hl7.org/fhir/provenance-entity-role": "derivation revision quotation source removal"},
    "publication-status": {"http://hl7.org/fhir/publication-status": "draft active retired unknown"},
    "quantity-comparator": {"http://hl7.org/fhir/quantity-comparator": "< <= >= >"},
    "questionnaire-answers-status": {"http://hl7.org/fhir/questionnaire-answers-status": "in-progress completed amended entered-in-error stopped"},
    "questionnaire-enable-behavior": {"http://hl7.org/fhir/questionnaire-enable-behavior": "all any"},
    "questionnaire-enable-operator": {"http://hl7.org/fhir/questionnaire-enable-operator": "exists = != > < >= <="},
    "reaction-event-severity": {"http://hl7.org/fhir/reaction-event-severity": "mild moderate severe"},
    "reference-handling-policy": {"http://hl7.org/fhir/reference-handling-policy": "literal logical resolves enforced local"},
    "related-artifact-type": {"http://hl7.org/fhir/related-artifact-type": "documentation justification citation predecessor successor derived-from depends-on composed-of"},
    "request-intent": {"http://hl7.org/fhir/request-intent": "proposal plan directive order original-order reflex-order filler-order instance-order option"},
    "request-priority": {"http://hl7.org/fhir/request-priority": "routine urgent asap stat"},
    "request-status": {"http://hl7.org/fhir/request-status": "draft active on-hold revoked completed entered-in-error unknown"},
    "resource-types": {"http://hl7.org/fhir/resource-types": "Account ActivityDefinition AdverseEvent AllergyIntolerance Appointment AppointmentResponse AuditEvent Basic Binary BiologicallyDerivedProduct BodyStructure Bundle CapabilityStatement CarePlan CareTeam CatalogEntry ChargeItem ChargeItemDefinition Claim ClaimResponse ClinicalImpression CodeSystem Communication CommunicationRequest CompartmentDefinition Composition ConceptMap Condition Consent Contract Coverage CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue Device DeviceDefinition DeviceMetric DeviceRequest DeviceUseStatement DiagnosticReport DocumentManifest DocumentReference DomainResource EffectEvidenceSynthesis Encounter Endpoint EnrollmentRequest EnrollmentResponse EpisodeOfCare EventDefinition Evidence EvidenceVariable ExampleScenario ExplanationOfBenefit FamilyMemberHistory Flag Goal GraphDefinition Group GuidanceResponse HealthcareService ImagingStudy Immunization ImmunizationEvaluation ImmunizationRecommendation ImplementationGuide InsurancePlan Invoice Library Linkage List Location Measure MeasureReport Media Medication MedicationAdministration MedicationDispense MedicationKnowledge MedicationRequest MedicationStatement MedicinalProduct MedicinalProductAuthorization MedicinalProductContraindication MedicinalProductIndication MedicinalProductIngredient MedicinalProductInteraction MedicinalProductManufactured MedicinalProductPackaged MedicinalProductPharmaceutical MedicinalProductUndesirableEffect MessageDefinition MessageHeader MolecularSequence NamingSystem NutritionOrder Observation ObservationDefinition OperationDefinition OperationOutcome Organization OrganizationAffiliation Parameters Patient PaymentNotice PaymentReconciliation Person PlanDefinition Practitioner PractitionerRole Procedure Provenance Questionnaire QuestionnaireResponse RelatedPerson RequestGroup ResearchDefinition ResearchElementDefinition ResearchStudy ResearchSubject Resource RiskAssessment RiskEvidenceSynthesis Schedule SearchParameter ServiceRequest Slot Specimen SpecimenDefinition StructureDefinition StructureMap Subscription Substance SubstanceNucleicAcid SubstancePolymer SubstanceProtein SubstanceReferenceInformation SubstanceSourceMaterial SubstanceSpecification SupplyDelivery SupplyRequest Task TerminologyCapabilities TestReport TestScript ValueSet VerificationResult VisionPrescription"},
    "restful-capability-mode": {"http://hl7.org/fhir/restful-capability-mode": "client server"},
    "search-entry-mode": {"http://hl7.org/fhir/search-entry-mode": "match include outcome"},
    "search-param-type": {"http://hl7.org/fhir/search-param-type": "number date string token reference composite quantity uri special"},
    "sort-direction": {"http://hl7.org/fhir/sort-direction": "ascending descending"},
    "specimen-status": {"http://hl7.org/fhir/specimen-status": "available unavailable unsatisfactory entered-in-error"},
    "substance-status": {"http://hl7.org/fhir/substance-status": "active inactive entered-in-error"},
    "system-restful-interaction": {"http://hl7.org/fhir/restful-interaction": "transaction batch search-system history-system"},
    "task-intent": {"http://hl7.org/fhir/request-intent": "proposal plan order original-order reflex-order filler-order instance-order option", "http://hl7.org/fhir/task-intent": "unknown"},
    "task-status": {"http://hl7.org/fhir/task-status": "draft requested received accepted rejected ready cancelled in-progress on-hold failed completed entered-in-error"},
    "trigger-type": {"http://hl7.org/fhir/trigger-type": "named-event periodic data-changed data-added data-modified data-removed data-accessed data-access-ended"},
    "type-restful-interaction": {"http://hl7.org/fhir/restful-interaction": "read vread update patch delete history-instance history-type create search-type"},
    "udi-entry-type": {"http://hl7.org/fhir/udi-entry-type": "barcode rfid manual card self-reported unknown"},
    "units-of-time": {"http://unitsofmeasure.org": "s min h d wk mo a"},
    "v3-ConfidentialityClassification": {"http://terminology.hl7.org/CodeSystem/v3-Confidentiality": "U L M N R V"},
    "versioning-policy": {"http://hl7.org/fhir/versioning-policy": "no-version versioned versioned-update"},
}

CODE_SYSTEMS = {
    "http://terminology.hl7.org/CodeSystem/admit-source": "hosp-trans emd outp born gp mp nursing psych rehab other",
    "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical": "active inactive resolved",
    "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification": "unconfirmed confirmed refuted entered-in-error",
    "http://terminology.hl7.org/CodeSystem/basic-resource-type": "consent referral advevent aptmtreq transfer diet adminact exposure investigation account invoice adjudicat predetreq predetermine study protocol",
    "http://terminology.hl7.org/CodeSystem/common-tags": "actionable",
    "http://terminology.hl7.org/CodeSystem/communication-category": "alert notification reminder instruction",
    "http://terminology.hl7.org/CodeSystem/communication-not-done-reason": "unknown system-error invalid-phone-number recipient-unavailable family-objection patient-objection",
    "http://terminology.hl7.org/CodeSystem/communication-topic": "prescription-refill-request progress-update report-labs appointment-reminder phone-consult summary-report",
    "http://terminology.hl7.org/CodeSystem/condition-category": "problem-list-item encounter-diagnosis",
    "http://terminology.hl7.org/CodeSystem/condition-clinical": "active recurrence relapse inactive remission resolved",
    "http://terminology.hl7.org/CodeSystem/condition-ver-status": "unconfirmed provisional differential confirmed refuted entered-in-error",
    "http://terminology.hl7.org/CodeSystem/consentaction": "collect access use disclose correct",
    "http://terminology.hl7.org/CodeSystem/consentcategorycodes": "acd dnr emrgonly hcd npp polst research rsdid rsreid",
    "http://terminology.hl7.org/CodeSystem/consentpolicycodes": "cric illinois-minor-procedure hipaa-auth hipaa-npp hipaa-restrictions hipaa-research hipaa-self-pay mdhhs-5515 nyssipp va-10-0484 va-10-0485 va-10-5345 va-10-5345a va-10-5345a-mhv va-10-10116 va-21-4142 ssa-827 dch-3927 squaxin nl-lsp at-elga nih-hipaa nci nih-grdr nih-527 ga4gh",
    "http://terminology.hl7.org/CodeSystem/consentscope": "adr research patient-privacy treatment",
    "http://terminology.hl7.org/CodeSystem/contactentity-type": "BILL ADMIN HR PAYOR PATINF PRESS",
    "http://terminology.hl7.org/CodeSystem/contractsignertypecodes": "AMENDER AUTHN AUT AFFL AGNT ASSIGNED CIT CLAIMANT COAUTH CONSENTER CONSWIT CONT COPART COVPTY DELEGATEE delegator DEPEND DPOWATT EMGCON EVTWIT EXCEST GRANTEE GRANTOR GUAR GUARD GUADLTM INF INTPRT INSBJ HPOWATT HPROV LEGAUTHN NMDINS NOK NOTARY PAT POWATT PRIMAUTH PRIRECIP RECIP RESPRSN REVIEWER TRANS SOURCE SPOWATT VALID VERF WIT",
    "http://terminology.hl7.org/CodeSystem/coverage-class": "group subgroup plan subplan class subclass sequence rxbin rxpcn rxid rxgroup",
    "http://terminology.hl7.org/CodeSystem/coverage-copay-type": "gpvisit spvisit emergency inpthosp televisit urgentcare copaypct copay deductible maxoutofpocket",
    "http://terminology.hl7.org/CodeSystem/coverage-selfpay": "pay",
    "http://terminology.hl7.org/CodeSystem/data-absent-reason": "unknown asked-unknown temp-unknown not-asked asked-declined masked not-applicable unsupported as-text error not-a-number negative-infinity positive-infinity not-performed not-permitted",
    "http://terminology.hl7.org/CodeSystem/device-status-reason": "online paused standby offline not-ready transduc-discon hw-discon off",
    "http://terminology.hl7.org/CodeSystem/diagnosis-role": "AD DD CC CM pre-op post-op billing",
    "http://terminology.hl7.org/CodeSystem/diet": "vegetarian dairy-free nut-free gluten-free vegan halal kosher",
    "http://terminology.hl7.org/CodeSystem/discharge-disposition": "home alt-home other-hcf hosp long aadvice exp psy rehab snf oth",
    "http://terminology.hl7.org/CodeSystem/dose-rate-type": "calculated ordered",
    "http://terminology.hl7.org/CodeSystem/encounter-special-arrangements": "wheel add-bed int att dog",
    "http://terminology.hl7.org/CodeSystem/encounter-type": "ADMS BD/BM-clin CCS60 OKI",
    "http://terminology.hl7.org/CodeSystem/episodeofcare-type": "hacc pac diab da cacp",
    "http://terminology.hl7.org/CodeSystem/ex-coverage-financial-exception": "retired foster",
    "http://terminology.hl7.org/CodeSystem/extra-security-role-type": "authserver datacollector dataprocessor datasubject humanuser",
    "http://terminology.hl7.org/CodeSystem/flag-category": "diet drug lab admin contact clinical behavioral research advance-directive safety",
    "http://terminology.hl7.org/CodeSystem/goal-achievement": "in-progress improving worsening no-change achieved sustaining not-achieved no-progress not-attainable",
    "http://terminology.hl7.org/CodeSystem/goal-category": "dietary safety behavioral nursing physiotherapy",
    "http://terminology.hl7.org/CodeSystem/goal-priority": "high-priority medium-priority low-priority",
    "http://terminology.hl7.org/CodeSystem/history-absent-reason": "subject-unknown withheld unable-to-obtain deferred",
    "http://terminology.hl7.org/CodeSystem/immunization-funding-source": "private public",
    "http://terminology.hl7.org/CodeSystem/immunization-origin": "provider record recall school jurisdiction",
    "http://terminology.hl7.org/CodeSystem/immunization-program-eligibility": "ineligible uninsured",
    "http://terminology.hl7.org/CodeSystem/immunization-subpotent-reason": "partial coldchainbreak recall",
    "http://terminology.hl7.org/CodeSystem/list-empty-reason": "nilknown notasked withheld unavailable notstarted closed",
    "http://terminology.hl7.org/CodeSystem/list-example-use-codes": "alerts adverserxns allergies medications problems worklist waiting protocols plans",
    "http://terminology.hl7.org/CodeSystem/list-order": "user system event-date entry-date priority alphabetic category patient",
    "http://terminology.hl7.org/CodeSystem/location-physical-type": "si bu wi wa lvl co ro bd ve ho ca rd area jdn",
    "http://terminology.hl7.org/CodeSystem/med-admin-perform-function": "performer verifier witness",
    "http://terminology.hl7.org/CodeSystem/media-modality": "diagram fax scan retina fingerprint iris palm face",
    "http://terminology.hl7.org/CodeSystem/media-type": "image video audio",
    "http://terminology.hl7.org/CodeSystem/medication-admin-category": "inpatient outpatient community",
    "http://terminology.hl7.org/CodeSystem/medication-statement-category": "inpatient outpatient community patientspecified",
    "http://terminology.hl7.org/CodeSystem/medicationdispense-performer-function": "dataenterer packager checker finalchecker",
    "http://terminology.hl7.org/CodeSystem/medicationrequest-category": "inpatient outpatient community discharge",
    "http://terminology.hl7.org/CodeSystem/medicationrequest-course-of-therapy": "continuous acute seasonal",
    "http://terminology.hl7.org/CodeSystem/medicationrequest-status-reason": "altchoice clarif drughigh hospadm labint non-avail preg salg sddi sdupther sintol surg washout",
    "http://terminology.hl7.org/CodeSystem/message-transport": "http ftp mllp",
    "http://terminology.hl7.org/CodeSystem/observation-category": "social-history vital-signs imaging laboratory procedure survey exam therapy activity",
    "http://terminology.hl7.org/CodeSystem/operation-outcome": "DELETE_MULTIPLE_MATCHES MSG_AUTH_REQUIRED MSG_BAD_FORMAT MSG_BAD_SYNTAX MSG_CANT_PARSE_CONTENT MSG_CANT_PARSE_ROOT MSG_CREATED MSG_DATE_FORMAT MSG_DELETED MSG_DELETED_DONE MSG_DELETED_ID MSG_DUPLICATE_ID MSG_ERROR_PARSING MSG_ID_INVALID MSG_ID_TOO_LONG MSG_INVALID_ID MSG_JSON_OBJECT MSG_LOCAL_FAIL MSG_NO_EXIST MSG_NO_MATCH MSG_NO_MODULE MSG_NO_SUMMARY MSG_OP_NOT_ALLOWED MSG_PARAM_CHAINED MSG_PARAM_INVALID MSG_PARAM_MODIFIER_INVALID MSG_PARAM_NO_REPEAT MSG_PARAM_UNKNOWN MSG_RESOURCE_EXAMPLE_PROTECTED MSG_RESOURCE_ID_FAIL MSG_RESOURCE_ID_MISMATCH MSG_RESOURCE_ID_MISSING MSG_RESOURCE_NOT_ALLOWED MSG_RESOURCE_REQUIRED MSG_RESOURCE_TYPE_MISMATCH MSG_SORT_UNKNOWN MSG_TRANSACTION_DUPLICATE_ID MSG_TRANSACTION_MISSING_ID MSG_UNHANDLED_NODE_TYPE MSG_UNKNOWN_CONTENT MSG_UNKNOWN_OPERATION MSG_UNKNOWN_TYPE MSG_UPDATED MSG_VERSION_AWARE MSG_VERSION_AWARE_CONFLICT MSG_VERSION_AWARE_URL MSG_WRONG_NS SEARCH_MULTIPLE SEARCH_NONE UPDATE_MULTIPLE_MATCHES",
    "http://terminology.hl7.org/CodeSystem/organization-type": "prov dept team govt ins pay edu reli crs cg bus other",
    "http://terminology.hl7.org/CodeSystem/participant-type": "translator emergency",
    "http://terminology.hl7.org/CodeSystem/practitioner-role": "doctor nurse pharmacist researcher teacher ict",
    "http://terminology.hl7.org/CodeSystem/provenance-participant-type": "enterer performer author verifier legal attester informant custodian assembler composer",
    "http://terminology.hl7.org/CodeSystem/reason-medication-given": "a b c",
    "http://terminology.hl7.org/CodeSystem/referencerange-meaning": "type normal recommended treatment therapeutic pre post endocrine pre-puberty follicular midcycle luteal postmenopausal",
    "http://terminology.hl7.org/CodeSystem/restful-security-service": "OAuth SMART-on-FHIR NTLM Basic Kerberos Certificates",
    "http://terminology.hl7.org/CodeSystem/risk-probability": "negligible low moderate high certain",
    "http://terminology.hl7.org/CodeSystem/service-provision-conditions": "free disc cost",
    "http://terminology.hl7.org/CodeSystem/service-referral-method": "fax phone elec semail mail",
    "http://terminology.hl7.org/CodeSystem/subscriber-relationship": "child parent spouse common other self injured",
    "http://terminology.hl7.org/CodeSystem/substance-category": "allergen biological body chemical food drug material",
    "http://terminology.hl7.org/CodeSystem/usage-context-type": "gender age focus user workflow task venue species program",
    "http://terminology.hl7.org/CodeSystem/v2-0074": "AU BG BLB CG CH CP CT CTH CUS EC EN GE HM ICU IMG IMM LAB MB MCB MYC NMR NMS NRS OSL OT OTH OUS PAR PAT PF PHR PHY PT RAD RC RT RUS RX SP SR TX URN VR VUS XRC",
    "http://terminology.hl7.org/CodeSystem/v2-0092": "R",
    "http://terminology.hl7.org/CodeSystem/v2-0116": "C H I K O U",
    "http://terminology.hl7.org/CodeSystem/v2-0131": "BP C CP E EP F I N O PR S U",
    "http://terminology.hl7.org/CodeSystem/v2-0203": "AC ACSN AM AMA AN ANC AND ANON ANT APRN ASID BA BC BCFN BCT BR BRN BSNR CC CONM CY CZ DC DCFN DDS DEA DFN DI DL DN DO DP DPM DR DS EI EN ESN FDR FDRFN FI FILL GI GL GN HC IND JHN LACSN LANR LI LN LR MA MB MC MCD MCN MCR MCT MD MI MR MRT MS NBSNR NCT NE NH NI NII NIIP NNxxx NP NPI OBI OD PA PC PCN PE PEN PHC PHE PHO PI PLAC PN PNT PPIN PPN PRC PRN PT QA RI RN RPH RR RRI RRP SB SID SL SN SNBSN SNO SP SR SS STN TAX TN TPR TRL U UDI UPIN USID VN VP VS WC WCN WP XV XX",
    "http://terminology.hl7.org/CodeSystem/v2-0276": "CHECKUP EMERGENCY FOLLOWUP ROUTINE WALKIN",
    "http://terminology.hl7.org/CodeSystem/v2-0360|2.7": "AA AAS ABA AE AS BA BBA BE BFA BN BS BSL BSN BT CANP CER CMA CNM CNP CNS CPNP CRN CTR DBA DED DIP DO EMT EMTP FPNP HS JD MA MBA MCE MD MDA MDI ME MED MEE MFA MME MS MSL MSN MT MTH NG NP PA PHD PHE PHS PN PharmD RMA RN RPH SEC TS",
    "http://terminology.hl7.org/CodeSystem/v2-0371": "ACDA ACDB ACET AMIES BACTM BF10 BOR BOUIN BSKM C32 C38 CARS CARY CHLTM CTAD EDTK EDTK15 EDTK75 EDTN ENT ENT+ F10 FDP FL10 FL100 HCL6 HEPA HEPL HEPN HNO3 JKM KARN KOX LIA M4 M4RT M5 MICHTM MMDTM NAF NAPS NONE PAGE PHENOL PVA RLM SILICA SPS SST STUTM THROM THYMOL THYO TOLU URETM VIRTM WEST",
    "http://terminology.hl7.org/CodeSystem/v2-0373": "ACID ALK DEFB FILT LDLP NEUT RECA UFIL",
    "http://terminology.hl7.org/CodeSystem/v2-0443": "AD AI AP AT CLP CP DP EP FHCP IP MDIR OP PH PI PP RO RP RT TN TR VP VPS VTS",
    "http://terminology.hl7.org/CodeSystem/v2-0493": "AUT CFU CLOT CON COOL FROZ HEM LIVE ROOM SNR",
    "http://terminology.hl7.org/CodeSystem/v2-0916": "F FNA NF NG",
    "http://terminology.hl7.org/CodeSystem/v3-ActPriority": "A CR CS CSP CSR EL EM P PRN R RR S T UD UR",
    "http://terminology.hl7.org/CodeSystem/v3-ActSite": "_HumanActSite _HumanSubstanceAdministrationSite BE BN BU LA LAC LACF LD LE LEJ LF LG LH LIJ LLAQ LLFA LMFA LN LPC LSC LT LUA LUAQ LUFA LVG LVL OD OS OU PA PERIN RA RAC RACF RD RE REJ RF RG RH RIJ RLAQ RLFA RMFA RN RPC RSC RT RUA RUAQ RUFA RVG RVL",
    "http://terminology.hl7.org/CodeSystem/v3-DataOperation": "OPERATE CREATE DELETE EXECUTE READ UPDATE APPEND MODIFYSTATUS ABORT ACTIVATE CANCEL COMPLETE HOLD JUMP NULLIFY OBSOLETE REACTIVATE RELEASE RESUME SUSPEND",
    "http://terminology.hl7.org/CodeSystem/v3-DocumentCompletion": "AU DI DO IN IP LA NU PA UC",
    "http://terminology.hl7.org/CodeSystem/v3-EncounterSpecialCourtesy": "EXT NRM PRF STF VIP",
    "http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation": "AM BED BID JB JE JH _GTSAbbreviationHolidaysChristianRoman JHCHREAS JHCHRGFR JHCHRNEW JHCHRPEN JHCHRXME JHCHRXMS JHNNL JHNNLLD JHNNLQD JHNNLSK JHNUS JHNUSCLM JHNUSIND JHNUSIND1 JHNUSIND5 JHNUSLBR JHNUSMEM JHNUSMEM5 JHNUSMEM6 JHNUSMLK JHNUSPRE JHNUSTKS JHNUSTKS5 JHNUSVET MO PM Q1H Q2H Q3H Q4H Q6H Q8H QD QID QOD TID WK",
    "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus": "A D I L M P S T U W",
    "http://terminology.hl7.org/CodeSystem/v3-NullFlavor": "NI INV DER OTH NINF PINF UNC MSK NA UNK ASKU NAV NASK NAVU QS TRC NP",
    "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation": "_GeneticObservationInterpretation CAR Carrier _ObservationInterpretationChange B D U W _ObservationInterpretationExceptions < > AC IE QCF TOX _ObservationInterpretationNormality A AA HH LL H H> HU L L< LU N _ObservationInterpretationSusceptibility I MS NCL NS R SYN-R S SDD SYN-S VS EX HX LX HM ObservationInterpretationDetection IND E NEG ND POS DET ObservationInterpretationExpectation EXP UNE OBX ReactivityObservationInterpretation NR RR WR",
    "http://terminology.hl7.org/CodeSystem/v3-ParticipationFunction": "_AuthorizedParticipationFunction _AuthorizedReceiverParticipationFunction AUCG AULR AUTM AUWA _ConsenterParticipationFunction GRDCON POACON PRCON PROMSK SUBCON _OverriderParticipationFunction AUCOV AUEMROV _CoverageParticipationFunction _PayorParticipationFunction CLMADJ ENROLL FFSMGT MCMGT PROVMGT UMGT _SponsorParticipationFunction FULINRD SELFINRD _UnderwriterParticipationFunction PAYORCNTR REINS RETROCES SUBCTRT UNDERWRTNG ADMPHYS ANEST ANRS ASSEMBLER ATTPHYS COMPOSER DISPHYS FASST MDWF NASST PCP PRISURG REVIEWER RNDPHYS SASST SNRS TASST",
    "http://terminology.hl7.org/CodeSystem/v3-ParticipationMode": "ELECTRONIC PHYSICAL REMOTE VERBAL DICTATE FACE PHONE VIDEOCONF WRITTEN FAXWRIT HANDWRIT MAILWRIT ONLINEWRIT EMAILWRIT TYPEWRIT",
    "http://terminology.hl7.org/CodeSystem/v3-ParticipationType": "PART _ParticipationAncillary ADM ATND CALLBCK CON DIS ESC REF _ParticipationInformationGenerator AUT INF TRANS ENT WIT CST DIR ALY BBY CAT CSM TPA DEV NRD RDV DON EXPAGNT EXPART EXPTRGT EXSRC PRD SBJ SPC IND BEN CAGNT COV GUAR HLD RCT RCV IRCP NOT PRCP REFB REFT TRC LOC DST ELOC ORG RML VIA PRF DIST PPRF SPRF RESP VRF AUTHEN LA",
    "http://terminology.hl7.org/CodeSystem/v3-RoleClass": "ROL _RoleClassAssociative _RoleClassMutualRelationship _RoleClassRelationshipFormal AFFL AGNT ASSIGNED COMPAR SGNOFF CON ECON NOK GUARD CIT COVPTY CLAIM NAMED DEPEN INDIV SUBSCR PROG CRINV CRSPNSR EMP MIL GUAR INVSBJ CASEBJ RESBJ LIC NOT PROV PAT PAYEE PAYOR POLHOLD QUAL SPNSR STD UNDWRT CAREGIVER PRS SELF _RoleClassPassive ACCESS ADJY CONC BOND CONY ADMM BIRTHPL DEATHPLC DST RET EXLOC SDLOC DSDLOC ISDLOC EXPR HLD HLTHCHRT IDENT MANU THER MNT OWN RGPR TERR USED WRTE _RoleClassOntological EQUIV SAME SUBY GEN GRIC INST SUBS _RoleClassPartitive CONT EXPAGTCAR EXPVECTOR FOMITE INGR ACTI ACTIB ACTIM ACTIR ADJV ADTV BASE CNTM IACT COLR FLVR PRSV STBL MECH LOCE STOR MBR PART ACTM SPEC ALQT ISLT CHILD CRED NURPRAC NURS PA PHYS",
    "http://terminology.hl7.org/CodeSystem/v3-substanceAdminSubstitution": "_ActSubstanceAdminSubstitutionCode E EC BC G TE TB TG F N",
    "http://terminology.hl7.org/fhir/CodeSystem/medicationdispense-category": "inpatient outpatient community discharge",
    "http://terminology.hl7.org/fhir/CodeSystem/medicationdispense-status-reason": "frr01 frr02 frr03 frr04 frr05 frr06 altchoice clarif drughigh hospadm labint non-avail preg saig sddi sdupther sintol surg washout outofstock offmarket",
}
"""Code systems of HL7 with all their codes."""

US_CORE = {
    "head-occipital-frontal-circumference-percentile": "Observation",
    "pediatric-bmi-for-age": "Observation",
    "pediatric-weight-for-height": "Observation",
    "us-core-allergyintolerance": "AllergyIntolerance",
    "us-core-blood-pressure": "Observation",
    "us-core-bmi": "Observation",
    "us-core-body-height": "Observation",
    "us-core-body-temperature": "Observation",
    "us-core-body-weight": "Observation",
    "us-core-careplan": "CarePlan",
    "us-core-careteam": "CareTeam",
    "us-core-condition-encounter-diagnosis": "Condition",
    "us-core-condition-problems-health-concerns": "Condition",
    "us-core-coverage": "Coverage",
    "us-core-diagnosticreport-lab": "DiagnosticReport",
    "us-core-diagnosticreport-note": "DiagnosticReport",
    "us-core-documentreference": "DocumentReference",
    "us-core-encounter": "Encounter",
    "us-core-goal": "Goal",
    "us-core-head-circumference": "Observation",
    "us-core-heart-rate": "Observation",
    "us-core-immunization": "Immunization",
    "us-core-implantable-device": "Device",
    "us-core-location": "Location",
    "us-core-medication": "Medication",
    "us-core-medicationdispense": "MedicationDispense",
    "us-core-medicationrequest": "MedicationRequest",
    "us-core-observation-clinical-result": "Observation",
    "us-core-observation-lab": "Observation",
    "us-core-observation-occupation": "Observation",
    "us-core-observation-pregnancyintent": "Observation",
    "us-core-observation-pregnancystatus": "Observation",
    "us-core-observation-screening-assessment": "Observation",
    "us-core-observation-sexual-orientation": "Observation",
    "us-core-organization": "Organization",
    "us-core-patient": "Patient",
    "us-core-practitioner": "Practitioner",
    "us-core-practitionerrole": "PractitionerRole",
    "us-core-procedure": "Procedure",
    "us-core-provenance": "Provenance",
    "us-core-pulse-oximetry": "Observation",
    "us-core-questionnaireresponse": "QuestionnaireResponse",
    "us-core-relatedperson": "RelatedPerson",
    "us-core-respiratory-rate": "Observation",
    "us-core-servicerequest": "ServiceRequest",
    "us-core-simple-observation": "Observation",
    "us-core-smokingstatus": "Observation",
    "us-core-specimen": "Specimen",
    "us-core-vital-signs": "Observation",
}
"""The profiles of US Core 6.1.0 and what they are of."""
