package ai.mountsea.nanobanana.contract;

import ai.mountsea.nanobanana.contract.Interactions.Interaction;
import au.com.dius.pact.consumer.dsl.PactBuilder;
import au.com.dius.pact.core.model.DefaultPactWriter;
import au.com.dius.pact.core.model.Pact;
import au.com.dius.pact.core.model.PactSpecVersion;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The pact file, written from {@link Interactions}. */
final class PactFile {
  static final String CONSUMER = "nano-banana-java";
  static final String PROVIDER = "mountsea";
  static final Path COMMITTED = Path.of("pacts", CONSUMER + "-" + PROVIDER + ".json");

  private PactFile() {}

  /** Returns what the file should contain. It is the same in whatever order it is written. */
  static String json(List<Interaction> interactions) {
    Pact pact =
        new PactBuilder(CONSUMER, PROVIDER, PactSpecVersion.V4)
            .toPact()
            .mergeInteractions(
                interactions.stream()
                    .flatMap(each -> each.pact().getInteractions().stream())
                    .toList());
    StringWriter json = new StringWriter();
    DefaultPactWriter.INSTANCE.writePact(
        pact.sortInteractions(), new PrintWriter(json), PactSpecVersion.V4);
    return json.toString();
  }

  static String json() {
    return json(Interactions.all());
  }

  /** Writes the pact for those who can only read it from a file. */
  static Path writeTo(Path folder) throws IOException {
    return Files.writeString(folder.resolve(COMMITTED.getFileName()), json());
  }
}
