// Holds PDF files against PDF/UA-1 with veraPDF, and prints a line for each fault: the file, a tab, the clause, the words.

import java.io.FileInputStream;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

public class Accessible {
    public static void main(String[] files) throws Exception {
        Logger.getLogger("").setLevel(Level.OFF);
        VeraGreenfieldFoundryProvider.initialise();
        for (String file : files) {
            for (String fault : faults(file)) {
                System.out.println(file + "\t" + fault);
            }
        }
        System.out.println(files.length + " files");
    }

    private static Set<String> faults(String file) throws Exception {
        Set<String> found = new LinkedHashSet<>();
        try (FileInputStream opened = new FileInputStream(file);
             PDFAParser parser = Foundries.defaultInstance().createParser(opened, PDFAFlavour.PDFUA_1)) {
            ValidationResult result =
                Foundries.defaultInstance().createValidator(PDFAFlavour.PDFUA_1, false).validate(parser);
            for (TestAssertion one : result.getTestAssertions()) {
                if (one.getStatus() == TestAssertion.Status.FAILED) {
                    found.add(one.getRuleId().getClause() + " " + one.getMessage());
                }
            }
            if (found.isEmpty() && !result.isCompliant()) {
                found.add("is not compliant");
            }
        }
        return found;
    }
}
