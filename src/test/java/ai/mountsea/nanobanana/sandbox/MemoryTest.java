package ai.mountsea.nanobanana.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.mountsea.nanobanana.api.Action;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import java.util.Collections;
import java.util.List;
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
    int third = (int) (Memory.MAX_BYTES / 3);
    for (int i = 0; i < 4; i++) {
      submit("A cat " + i, third);
    }

    assertThat(memory.requests())
        .extracting(GenerateImageRequest::prompt)
        .containsExactly("A cat 1", "A cat 2", "A cat 3");
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
    Task first = submit("A cat", 1);
    Task other = submit("A dog", 1);
    Task again = submit("A cat", 1);

    assertThat(memory.duplicated(first)).isNull();
    assertThat(memory.duplicated(other)).isNull();
    assertThat(memory.duplicated(again)).isEqualTo("sandbox-1");
  }

  private Task submit(String prompt, int size) {
    return memory
        .submit(GenerateImageRequest.builder(prompt, Action.GENERATE).build(), List.of(), size)
        .task();
  }
}
