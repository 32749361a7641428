import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.BufferedReader;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hl7.fhir.convertors.factory.VersionConvertorFactory_40_50;
import org.hl7.fhir.r4.formats.IParser.OutputStyle;
import org.hl7.fhir.r4.formats.JsonParser;
import org.hl7.fhir.r5.context.ContextUtilities;
import org.hl7.fhir.r5.elementmodel.Manager.FhirFormat;
import org.hl7.fhir.r5.model.StructureDefinition;
import org.hl7.fhir.utilities.npm.NpmPackage;
import org.hl7.fhir.utilities.validation.ValidationMessage;
import org.hl7.fhir.validation.ValidationEngine;
import org.hl7.fhir.validation.ValidatorUtils;
import org.hl7.fhir.validation.service.model.InstanceValidatorParameters;

/**
 * HL7's validator over as many files as one asks for, without a network and without a terminology server.
 *
 * <p>It is started with packages, and answers each line of its input with a line of JSON until that ends:
 * {@code validate FILE} with what it finds, [{severity, id, where, text}], and {@code snapshot FILE} with the profile in
 * that file and its snapshot, for validators that cannot make them.
 *
 * <p>A package is an unpacked FHIR package (the folder above {@code package/}), a {@code .tgz}, or a folder of resources.
 */
public final class Validate {
    private final ValidationEngine engine;

    private Validate(List<String> packages) throws Exception {
        engine = new ValidationEngine.ValidationEngineBuilder()
            .withVersion("4.0.1").withNoTerminologyServer().fromSource("hl7.fhir.r4.core#4.0.1");
        for (String one : packages) {
            load(new File(one));
        }
        engine.prepare();
    }

    public static void main(String[] args) throws Exception {
        PrintStream answers = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        System.setOut(System.err); // the validator tells there what it does
        Validate validate = new Validate(List.of(args));
        Gson gson = new GsonBuilder().disableHtmlEscaping().create();
        BufferedReader asked = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = asked.readLine(); line != null; line = asked.readLine()) {
            String[] words = line.split(" ", 2);
            byte[] source = Files.readAllBytes(Path.of(words[1]));
            answers.println(gson.toJson(words[0].equals("snapshot") ? validate.snapshot(source) : validate.issues(source)));
        }
        System.exit(0); // threads of the validator's HTTP client would keep the program alive
    }

    private void load(File place) throws IOException {
        NpmPackage npm = null;
        if (place.getName().endsWith(".tgz")) {
            npm = NpmPackage.fromPackage(Files.newInputStream(place.toPath()));
        } else if (new File(place, "package/package.json").exists()) {
            npm = NpmPackage.fromFolder(place.getPath());
        }
        if (npm == null) {
            engine.getIgLoader().loadIg(engine.getIgs(), engine.getBinaries(), place.getPath(), false);
        } else { // what it depends on is named by the caller, since much of that is nowhere to be had offline
            engine.getContext().loadFromPackage(npm, ValidatorUtils.loaderForVersion(npm.fhirVersion()), false);
        }
    }

    private List<Map<String, String>> issues(byte[] source) throws Exception {
        List<ValidationMessage> messages = new ArrayList<>();
        engine.validateAsFragments(source, FhirFormat.JSON, new InstanceValidatorParameters(), messages);
        List<Map<String, String>> issues = new ArrayList<>();
        for (ValidationMessage message : messages) {
            Map<String, String> issue = new LinkedHashMap<>();
            issue.put("severity", message.getLevel().toCode());
            issue.put("id", message.getMessageId() == null ? "" : message.getMessageId());
            issue.put("where", message.getLocation());
            issue.put("text", message.getMessage());
            issues.add(issue);
        }
        return issues;
    }

    private Object snapshot(byte[] source) throws Exception {
        StructureDefinition loaded = (StructureDefinition) engine.loadResource(source, "profile.json");
        StructureDefinition profile = engine.getContext().fetchResource(StructureDefinition.class, loaded.getUrl());
        new ContextUtilities(engine.getContext()).generateSnapshot(profile);
        String json = new JsonParser().setOutputStyle(OutputStyle.NORMAL)
            .composeString(VersionConvertorFactory_40_50.convertResource(profile));
        return com.google.gson.JsonParser.parseString(json);
    }
}
