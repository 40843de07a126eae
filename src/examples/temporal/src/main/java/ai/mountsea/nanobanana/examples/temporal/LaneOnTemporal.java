package ai.mountsea.nanobanana.examples.temporal;

import ai.mountsea.nanobanana.examples.temporal.ImageActivities.Made;
import ai.mountsea.nanobanana.examples.temporal.ImageActivities.Outcome;
import io.temporal.activity.ActivityOptions;
import io.temporal.common.RetryOptions;
import io.temporal.failure.ActivityFailure;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.util.List;

/** A loop. The task store, not this history, knows what was submitted. */
public final class LaneOnTemporal implements Lane {
  private static final int MAX_FAILURES_IN_A_ROW = 5;

  private final ImageActivities activities =
      Workflow.newActivityStub(
          ImageActivities.class,
          ActivityOptions.newBuilder()
              .setStartToCloseTimeout(Duration.ofMinutes(15)) // Longer than WaitOptions.DEFAULT.
              .setScheduleToCloseTimeout(Duration.ofDays(1))
              .setHeartbeatTimeout(Duration.ofSeconds(5))
              .setRetryOptions(
                  RetryOptions.newBuilder().setMaximumInterval(Duration.ofMinutes(1)).build())
              .build());
  private Summary summary = Summary.NONE;

  @Override
  public Summary make(List<Prompt> prompts, Summary soFar, Limits limits) {
    summary = soFar;
    int failuresInARow = 0;
    for (int i = 0; i < prompts.size(); i++) {
      List<Prompt> left = prompts.subList(i, prompts.size());
      if (failuresInARow == MAX_FAILURES_IN_A_ROW) {
        return summary.plus(new Summary(0, 0, 0, left.size()));
      }
      if (Workflow.getInfo().getHistoryLength() > limits.eventsPerRun()) {
        Workflow.continueAsNew(List.copyOf(left), summary, limits);
      }
      Made made = make(prompts.get(i), limits);
      if (made.isNew()) { // What was ordered before costs nothing more, so it stops nothing.
        failuresInARow = made.outcome() == Outcome.SAVED ? 0 : failuresInARow + 1;
      }
      summary =
          summary.plus(
              switch (made.outcome()) {
                case SAVED -> new Summary(1, 0, 0, 0);
                case FAILED -> new Summary(0, 1, 0, 0);
                case UNKNOWN, IN_FLIGHT -> new Summary(0, 0, 1, 0);
              });
    }
    return summary;
  }

  /** Waits while another worker submits it, which may be dead, or may only stand still. */
  private Made make(Prompt prompt, Limits limits) {
    try {
      long start = Workflow.currentTimeMillis();
      Made made = activities.make(prompt);
      for (int seconds = 1;
          made.outcome() == Outcome.IN_FLIGHT
              && Workflow.currentTimeMillis() - start < limits.patienceSeconds() * 1000L;
          seconds = Math.min(2 * seconds, 30)) {
        Workflow.sleep(Duration.ofSeconds(seconds));
        made = activities.make(prompt);
      }
      return made;
    } catch (ActivityFailure e) {
      return new Made(Outcome.FAILED, true); // Tried for a day.
    }
  }

  @Override
  public Summary progress() {
    return summary;
  }
}
