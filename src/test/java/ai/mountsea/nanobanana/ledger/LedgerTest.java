package ai.mountsea.nanobanana.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import ai.mountsea.nanobanana.ledger.Run.Breach;
import ai.mountsea.nanobanana.ledger.Run.Violation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;

/**
 * Draws scenarios of many calls at once against a server with faults, and holds what the client
 * says against what the server knows. A few seconds with fixed seeds in the ordinary build; more by
 *
 * <pre>
 * mvn test -Dtest=LedgerTest -Dledger.submits=100000 -Dledger.seed=1
 * </pre>
 *
 * and a single scenario again by {@code -Dledger.seed=17 -Dledger.submits=1}. With {@code
 * -Dledger.keepGoing} it reports every failing seed rather than the first.
 */
class LedgerTest {
  private static final Logger OKHTTP = Logger.getLogger(OkHttpClient.class.getName());

  private static final int SUBMITS = Integer.getInteger("ledger.submits", 200);
  private static final long SEED = Long.getLong("ledger.seed", 1);
  private static final Duration PATIENCE =
      Duration.ofSeconds(Integer.getInteger("ledger.patience", 30));
  private static final boolean KEEP_GOING = System.getProperty("ledger.keepGoing") != null;

  @Test
  void whatTheClientSaysAgreesWithWhatTheServerKnows() throws Exception {
    OKHTTP.setLevel(Level.WARNING); // Or it tells of each connection that the server drops.
    long start = System.nanoTime();
    Map<String, Integer> outcomes = Run.newOutcomes();
    int submits = 0;
    int waits = 0;
    int scenarios = 0;
    List<String> failures = new ArrayList<>();
    while (submits < SUBMITS && (failures.isEmpty() || KEEP_GOING)) {
      Scenario scenario = Scenario.draw(SEED + scenarios);
      List<Violation> violations = new Run(scenario, PATIENCE).run(outcomes);
      if (!violations.isEmpty()) {
        failures.add(report(scenario, violations));
        if (KEEP_GOING) {
          System.out.println(failures.get(failures.size() - 1));
        }
      }
      scenarios++;
      submits += (int) scenario.calls().stream().filter(c -> c.kind().submits()).count();
      waits += (int) scenario.calls().stream().filter(c -> c.kind().waits()).count();
    }
    System.out.printf(
        "Ledger: seeds %d to %d, %,d submits and %,d waits in %,d s; outcomes %s%n",
        SEED,
        SEED + scenarios - 1,
        submits,
        waits,
        Duration.ofNanos(System.nanoTime() - start).toSeconds(),
        outcomes);
    assertThat(failures).isEmpty();
  }

  /** At most three violations of each kind, since one fault often shows in many calls. */
  private static String report(Scenario scenario, List<Violation> violations) {
    StringBuilder report = new StringBuilder(scenario.toString());
    for (Breach breach : Breach.values()) {
      List<Violation> some = violations.stream().filter(v -> v.breach() == breach).toList();
      some.stream().limit(3).forEach(v -> report.append("%n  %s: %s".formatted(breach, v.text())));
      if (some.size() > 3) {
        report.append("%n  %s: %d more".formatted(breach, some.size() - 3));
      }
    }
    return report
        + "%n  Repeat it with: mvn test -Dtest=LedgerTest -Dledger.submits=1 -Dledger.seed=%d"
            .formatted(scenario.seed());
  }
}
