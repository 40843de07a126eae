package ai.mountsea.nanobanana.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MemoryTest {
  private final Memory memory = new Memory();

  @Test
  void theOldestOfManyTasksIsForgotten() {
    for (int i = 0; i < Memory.MAX_TASKS + 1; i++) {
      submit("A cat " + i, 1);
    }

    assertThat(memory.task("sandbox-1")).isNull();
    assertThat(memory.wasForgotten("sandbox-1")).isTrue();
    assertThat(memory.wasForgotten("sandbox-100002")).isFalse();
    assertThat(memory.requests()).hasSize(Memory.MAX_TASKS);
    assertThat(memory.requests().get(0).prompt()).isEqualTo("A cat 1");
    assertThat(memory.made()).isEqualTo(Memory.MAX_TASKS + 1);
  }

  @Test
  void theOldestOfLongRequestsAreForgotten() {
    int third = (int) (Memory.MAX_BYTES / 3 - 1_000);
    for (int i = 0; i < 4; i++) {
      submit("A cat " + i, third);
    }

    assertThat(memory.requests())
        .extracting(GenerateImageRequest::prompt)
        .containsExactly("A cat 1", "A cat 2", "A cat 3");
  }

  @Test
  void aRequestIsCountedAsWhatItTakesOfTheHeap() {
    assertThat(Size.of("A cat".repeat(1_000))).isBetween(5_000L, 5_100L);
    assertThat(Size.of("猫".repeat(1_000))).isBetween(2_000L, 2_100L);
    assertThat(Size.of(Collections.nCopies(1_000, 0.0))).isBetween(20_000L, 40_000L);
    assertThat(Size.of(Collections.nCopies(1_000, Map.of("a", 1.0)))).isGreaterThan(150_000L);
  }

  @Test
  void aLongScriptIsKeptOnceForAllItsTasksAndForgottenWithThem() {
    String longText = "x".repeat((int) Memory.MAX_SCRIPT_BYTES / 2);
    for (int i = 0; i < 40; i++) {
      memory.add(List.of(Script.failsWith(longText + i).times(2)));
      submit("A cat " + i, 1);
      submit("Another cat " + i, 1);
    }
    int kept = (int) (Memory.MAX_BYTES / longText.length());

    assertThat(memory.requests().size()).isBetween(2 * kept - 3, 2 * kept);
  }

  @Test
  void longScriptsAreRefusedBeforeTheyFillTheHeap() {
    Script third = Script.failsWith("x".repeat((int) Memory.MAX_SCRIPT_BYTES / 3 + 1));
    memory.add(List.of(third));
    memory.add(List.of(third));

    assertThatThrownBy(() -> memory.add(List.of(third)))
        .hasMessage(
            "The pending scripts would take more than 8 MB; use times for one that repeats");

    submit("A cat", 1);
    memory.add(List.of(Script.losesReply()));
  }

  @Test
  void theOldestOfLongSubmitsAreForgotten() {
    for (int i = 0; i < Memory.MAX_SUBMITS; i++) {
      String text = "猫".repeat(16_000);
      memory.record(new Submit("", null, text, text, "201", null, null, null, List.of()));
    }

    assertThat(memory.submit(1)).isNull();
    assertThat(memory.submit(Memory.MAX_SUBMITS)).isNotNull();
    assertThat((List<?>) memory.changesSince(0).get("submits")).hasSizeBetween(200, 262);
  }

  @Test
  void moreScriptsThanAnyoneNeedsAreRefused() {
    List<Script> many = Collections.nCopies(Memory.MAX_SCRIPTS, Script.losesReply());
    memory.add(many);

    assertThatThrownBy(() -> memory.add(List.of(Script.losesReply())))
        .hasMessage("More than 10000 scripts are pending; use times for one that repeats");
  }

  @Test
  void aTaskOfTheSameRequestIsADuplicateOfTheFirst() {
    assertThat(submit("A cat", 1).duplicated()).isNull();
    assertThat(submit("A dog", 1).duplicated()).isNull();
    assertThat(submit("A cat", 1).duplicated()).isEqualTo("sandbox-1");
  }

  @Test
  void repeatsAreCountedAlsoWhenTheirSubmitsAreForgotten() {
    submit("A cat", 1);
    submit("A cat", 1);
    for (int i = 0; i < Memory.MAX_SUBMITS; i++) {
      memory.record(new Submit("", null, "", "", "201", null, null, null, List.of()));
    }

    assertThat(memory.changesSince(0)).containsEntry("made", 2).containsEntry("repeats", 1);
    memory.reset();
    assertThat(memory.changesSince(0)).containsEntry("repeats", 0);
  }

  private Memory.Outcome submit(String prompt, int size) {
    return memory.submit(
        GenerateImageRequest.builder(prompt, Action.GENERATE).build(), List.of(), size);
  }
}
