package ai.mountsea.nanobanana;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.mountsea.nanobanana.TaskRecord.State;
import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import ai.mountsea.nanobanana.sandbox.Sandbox;
import ai.mountsea.nanobanana.sandbox.Script;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class OnceTest {
  private static final GenerateImageRequest CAT =
      GenerateImageRequest.builder("A cat", Action.GENERATE).build();

  private final Sandbox sandbox = Sandbox.start();
  private final NanoBanana nanoBanana =
      sandbox
          .client()
          .newBuilder()
          .retryPolicy(RetryPolicy.NEVER)
          .waitOptions(WaitOptions.DEFAULT.withMinDelay(Duration.ofMillis(1)))
          .build();
  private final MemoryTaskStore store = new MemoryTaskStore();

  @AfterEach
  void stop() {
    nanoBanana.close();
    sandbox.close();
  }

  @Test
  void theSameKeyIsTheSameTask() {
    assertThat(nanoBanana.generateOnce("cat", CAT, store).taskId()).isEqualTo("sandbox-1");
    assertThat(nanoBanana.generateOnce("cat", CAT, store).taskId()).isEqualTo("sandbox-1");
    assertThat(nanoBanana.submitOnce("cat", CAT, store)).isEqualTo("sandbox-1");
    assertThat(nanoBanana.submitOnce("another cat", CAT, store)).isEqualTo("sandbox-2");

    assertThat(sandbox.submitted()).isEqualTo(2);
    assertThat(store.states)
        .containsExactly(
            "cat SUBMITTING",
            "cat SUBMITTED",
            "cat DONE",
            "another cat SUBMITTING",
            "another cat SUBMITTED");
  }

  @Test
  void theListenerLearnsTheTaskIdOfEachRun() {
    List<String> ids = new ArrayList<>();
    WaitOptions options =
        WaitOptions.DEFAULT.withMinDelay(Duration.ofMillis(1)).withTaskIdListener(ids::add);

    nanoBanana.generateOnce("cat", CAT, store, options);
    nanoBanana.generateOnce("cat", CAT, store, options);

    assertThat(ids).containsExactly("sandbox-1", "sandbox-1");
  }

  @Test
  void aFailedTaskStaysFailed() {
    sandbox.next(Script.failsWith("No cats today"));

    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> nanoBanana.generateOnce("cat", CAT, store))
          .isInstanceOf(TaskFailedException.class);
    }

    assertThat(store.records.get("cat").state()).isEqualTo(State.FAILED);
    assertThat(store.records.get("cat").detail()).contains("No cats today");
    assertThat(sandbox.submitted()).isEqualTo(1);
  }

  @Test
  void whatWasRefusedMayBeSubmittedAgain() {
    sandbox.next(Script.tooManyRequests(Duration.ofHours(1)));

    assertThatThrownBy(() -> nanoBanana.submitOnce("cat", CAT, store))
        .isInstanceOf(RateLimitedException.class);
    assertThat(store.records.get("cat").state()).isEqualTo(State.NOT_SUBMITTED);

    assertThat(nanoBanana.submitOnce("cat", CAT, store)).isEqualTo("sandbox-1");
  }

  @Test
  void anInvalidRequestIsNotRecorded() {
    GenerateImageRequest blank = GenerateImageRequest.builder(" ", Action.GENERATE).build();

    assertThatThrownBy(() -> nanoBanana.submitOnce("cat", blank, store))
        .isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> nanoBanana.generateOnce("cat", blank, store))
        .isInstanceOf(InvalidRequestException.class);

    assertThat(store.states).isEmpty();
  }

  @Test
  void anUnknownOutcomeStaysSoUntilAPersonDecides() {
    sandbox.next(Script.losesReply());
    assertThatThrownBy(() -> nanoBanana.submitOnce("cat", CAT, store))
        .isInstanceOf(OutcomeUnknownException.class);
    TaskRecord unknown = store.find("cat");

    OutcomeUnknownException again =
        catchThrowableOfType(
            OutcomeUnknownException.class, () -> nanoBanana.generateOnce("cat", CAT, store));

    assertThat(unknown.state()).isEqualTo(State.UNKNOWN);
    assertThat(again.submittedAt()).isEqualTo(unknown.at());
    assertThat(again)
        .hasMessage(
            "The key \"cat\" is UNKNOWN since "
                + unknown.at()
                + ", so a task may exist ("
                + unknown.detail()
                + "). Nothing was sent now. When the process that submitted it has ended, look for"
                + " the task and record in the task store either SUBMITTED with its id or"
                + " NOT_SUBMITTED.");
    store.replace("cat", unknown, unknown.to(State.SUBMITTED, "sandbox-1", null));
    assertThat(nanoBanana.generateOnce("cat", CAT, store).taskId()).isEqualTo("sandbox-1");
    assertThat(sandbox.submitted()).isEqualTo(1);
  }

  @Test
  void anotherRequestUnderAKnownKeyIsAMistake() {
    nanoBanana.submitOnce("cat", CAT, store);
    GenerateImageRequest dog = GenerateImageRequest.builder("A dog", Action.GENERATE).build();

    assertThatThrownBy(() -> nanoBanana.submitOnce("cat", dog, store))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "The key \"cat\" was used for another request: "
                + CAT.toJson()
                + ". Nothing was sent; use a new key for each image.");
    assertThat(sandbox.submitted()).isEqualTo(1);
  }

  @Test
  void ofTwoWhoSubmitTheSameKeyAtOnceOneDoes() {
    store.beforeReplace =
        state -> {
          if (state == State.SUBMITTING && store.records.isEmpty()) {
            // Another machine is quicker.
            store.beforeReplace = any -> {};
            store.replace("cat", null, new TaskRecord(State.SUBMITTING, CAT, null, now(), null));
          }
        };

    assertThatThrownBy(() -> nanoBanana.submitOnce("cat", CAT, store))
        .isInstanceOf(OutcomeUnknownException.class)
        .hasMessageStartingWith("The key \"cat\" is SUBMITTING since ");
    assertThat(sandbox.submitted()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "cat \ud83d"})
  void aKeyThatAFileCannotKeepIsRefused(String key) {
    assertThatThrownBy(() -> nanoBanana.submitOnce(key, CAT, store))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("The key is blank or has half of a character; nothing was sent");
    assertThat(sandbox.submitted()).isZero();
  }

  @Test
  void anErrorThatTheStoreThrowsHidesNoTask() {
    store.beforeReplace =
        state -> {
          if (state == State.SUBMITTED) {
            throw new StackOverflowError("Made up");
          }
        };

    TaskNotFinishedException e =
        catchThrowableOfType(
            TaskNotFinishedException.class, () -> nanoBanana.submitOnce("cat", CAT, store));

    assertThat(e.taskId()).isEqualTo("sandbox-1");
  }

  @Test
  void nothingIsSentIfTheStoreCannotBeRead() {
    TaskStore unreadable =
        new TaskStore() {
          @Override
          public TaskRecord find(String key) {
            throw new IllegalStateException("down");
          }

          @Override
          public boolean replace(String key, @Nullable TaskRecord expected, TaskRecord next) {
            throw new AssertionError("written");
          }
        };

    assertThatThrownBy(() -> nanoBanana.submitOnce("cat", CAT, unreadable))
        .isInstanceOf(NotSentException.class)
        .hasMessage("The request was not sent: the task store failed for key \"cat\": down");
    assertThat(sandbox.submitted()).isZero();
  }

  @Test
  void aStoreThatContradictsItselfEndsTheSubmit() {
    TaskStore odd =
        new TaskStore() {
          @Override
          public @Nullable TaskRecord find(String key) {
            return null;
          }

          @Override
          public boolean replace(String key, @Nullable TaskRecord expected, TaskRecord next) {
            return false;
          }
        };

    assertThatThrownBy(() -> nanoBanana.submitOnce("cat", CAT, odd))
        .isInstanceOf(NotSentException.class)
        .hasMessageEndingWith("it finds another record than it replaces");
    assertThat(sandbox.submitted()).isZero();
  }

  @Test
  void nothingIsSentIfTheStoreCannotBeWritten() {
    store.failAt(State.SUBMITTING);

    NotSentException e =
        catchThrowableOfType(
            NotSentException.class, () -> nanoBanana.submitOnce("cat", CAT, store));

    assertThat(e)
        .hasMessage("The request was not sent: the task store failed for key \"cat\": disk full");
    assertThat(e.mayTaskExist()).isFalse();
    assertThat(sandbox.submitted()).isZero();
  }

  @Test
  void theTaskIdIsInTheExceptionIfTheStoreCannotBeWrittenAfterTheSubmit() {
    store.failAt(State.SUBMITTED);

    TaskNotFinishedException e =
        catchThrowableOfType(
            TaskNotFinishedException.class, () -> nanoBanana.generateOnce("cat", CAT, store));

    assertThat(e.taskId()).isEqualTo("sandbox-1");
    assertThat(e)
        .hasMessage(
            "Task sandbox-1 was created for key \"cat\", but the task store can't be written: disk"
                + " full. Keep the task id: record it in the store by hand, or call await with"
                + " it.");
    assertThatThrownBy(() -> nanoBanana.submitOnce("cat", CAT, store))
        .isInstanceOf(OutcomeUnknownException.class);
    assertThat(sandbox.submitted()).isEqualTo(1);
  }

  @Test
  void aPersonWhoDecidedTooEarlyIsContradictedWithTheTaskId() {
    store.beforeReplace =
        state -> {
          if (state == State.SUBMITTED) {
            TaskRecord submitting = store.records.get("cat");
            store.records.put("cat", submitting.to(State.NOT_SUBMITTED, null, null));
          }
        };

    assertThatThrownBy(() -> nanoBanana.submitOnce("cat", CAT, store))
        .isInstanceOf(TaskNotFinishedException.class)
        .hasMessage(
            "Task sandbox-1 was created for key \"cat\", but the task store has another record of"
                + " this key by now. Keep the task id: record it in the store by hand, or call"
                + " await with it.");
  }

  @Test
  void aPersonWhoFoundTheTaskFirstIsRight() {
    store.beforeReplace =
        state -> {
          if (state == State.SUBMITTED) {
            TaskRecord submitting = store.records.get("cat");
            store.records.put("cat", submitting.to(State.SUBMITTED, "sandbox-1", "found"));
          }
        };

    assertThat(nanoBanana.submitOnce("cat", CAT, store)).isEqualTo("sandbox-1");
  }

  @ParameterizedTest
  @EnumSource(names = {"NOT_SUBMITTED", "UNKNOWN"})
  void aFailedSubmitStaysSubmittingIfItsEndCannotBeRecorded(State state) {
    sandbox.next(
        state == State.UNKNOWN ? Script.losesReply() : Script.tooManyRequests(Duration.ofHours(1)));
    store.failAt(state);

    assertThatThrownBy(() -> nanoBanana.submitOnce("cat", CAT, store))
        .isInstanceOf(NanoBananaException.class)
        .satisfies(e -> assertThat(e.getSuppressed()[0]).hasMessage("disk full"));
    assertThat(store.records.get("cat").state()).isEqualTo(State.SUBMITTING);
  }

  @ParameterizedTest
  @EnumSource(names = {"DONE", "FAILED"})
  void anEndThatCannotBeRecordedHidesNoResult(State state) {
    if (state == State.FAILED) {
      sandbox.next(Script.failsWith("No cats today"));
    }
    store.failAt(state);

    if (state == State.DONE) {
      assertThat(nanoBanana.generateOnce("cat", CAT, store).imageUrls()).hasSize(1);
    } else {
      assertThatThrownBy(() -> nanoBanana.generateOnce("cat", CAT, store))
          .isInstanceOf(TaskFailedException.class);
    }
  }

  private static Instant now() {
    return Instant.now();
  }

  private static final class MemoryTaskStore implements TaskStore {
    final Map<String, TaskRecord> records = new HashMap<>();
    final List<String> states = new ArrayList<>();
    Consumer<State> beforeReplace = state -> {};

    void failAt(State failing) {
      beforeReplace =
          state -> {
            if (state == failing) {
              throw new IllegalStateException("disk full");
            }
          };
    }

    @Override
    public @Nullable TaskRecord find(String key) {
      return records.get(key);
    }

    @Override
    public boolean replace(String key, @Nullable TaskRecord expected, TaskRecord next) {
      beforeReplace.accept(next.state());
      if (!Objects.equals(records.get(key), expected)) {
        return false;
      }
      records.put(key, next);
      states.add(key + " " + next.state());
      return true;
    }
  }
}
