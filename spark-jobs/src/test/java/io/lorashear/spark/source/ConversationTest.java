package io.lorashear.spark.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConversationTest {
  @TempDir Path folder;

  @Test
  void theLastAnswerIsLearntFromAllThatWasSaidBefore() throws IOException {
    var readings =
        read(
            """
            {"conversations": [{"from": "human", "value": "Hi."}, {"from": "gpt", "value": "Hello."},
             {"from": "human", "value": "Name a bird."}, {"from": "gpt", "value": "An owl."}]}
            {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": [{"type": "text", "text": "Name a fish."}]},
             {"role": "assistant", "content": "An eel."}, {"role": "user", "content": "And?"}]}
            """);
    assertThat(readings.texts())
        .containsExactly(
            """
            Below is an instruction that describes a task. Write a response that appropriately completes the request.

            ### Instruction:
            Hi.

            ### Response:
            Hello.

            ### Instruction:
            Name a bird.

            ### Response:\
            """,
            """
            Be brief.

            ### Instruction:
            Name a fish.

            ### Response:\
            """);
    assertThat(readings.documents().stream().map(Document::response))
        .containsExactly("An owl.", "An eel.");
    assertThat(Instruction.asked(readings.texts().get(0)).split("\\s+"))
        .containsExactly("Hi.", "Hello.", "Name", "a", "bird.");
  }

  @Test
  void oneTurnReadsAsAnInstructionDoes() throws IOException {
    var readings =
        read(
            """
            {"conversations": [{"from": "gpt", "value": "(greets)"}, {"from": "user", "value": "Say yes."}, {"from": "chatgpt", "value": "Yes."}]}
            {"prompt": "Say yes.", "completion": "Yes."}
            {"instruction": "Sum.", "context": "1 2", "response": "3"}
            """);
    assertThat(readings.texts())
        .containsExactly(
            Instruction.prompt("Say yes.", ""),
            Instruction.prompt("Say yes.", ""),
            Instruction.prompt("Sum.", "1 2"));
  }

  @Test
  void everyInstanceOfATaskIsAnInstruction() throws IOException {
    var readings =
        read(
            """
            {"id": "seed_task_1", "instruction": "Sum.", "instances": [{"input": "1 2", "output": "3"}, {"input": "", "output": "0"}, {"input": "5"}, "x"]}
            {"instruction": "Say yes.", "instances": [], "output": "Yes."}
            """);
    assertThat(readings.texts())
        .containsExactly(
            Instruction.prompt("Sum.", "1 2"),
            Instruction.prompt("Sum.", ""),
            Instruction.prompt("Say yes.", ""));
    assertThat(readings.documents().stream().map(Document::response))
        .containsExactly("3", "0", "Yes.");
    assertThat(readings.documents().stream().map(Document::position))
        .containsExactly("0000000000-0", "0000000000-1", "0000000144");
    assertThat(readings.counts()).isEqualTo(Map.of("kept", 3, "no-text-field", 2));
  }

  @Test
  void whatIsNoConversationIsCounted() throws IOException {
    var readings =
        read(
            """
            {"messages": [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}, {"role": "assistant", "content": "c"}]}
            {"messages": [{"role": "user", "content": "a"}, {"role": "tool", "content": "b"}]}
            {"messages": [{"role": "user", "content": [{"type": "image_url"}]}, {"role": "assistant", "content": "c"}]}
            {"messages": [{"role": "user", "content": "a"}]}
            {"messages": []}
            {"messages": [{"role": "user", "content": " "}, {"role": "assistant", "content": "c"}]}
            {"messages": "a"}
            """);
    assertThat(readings.counts())
        .isEqualTo(Map.of("not-in-turn", 1, "no-response", 3, "no-text", 1, "unknown-form", 2));
  }

  /** Lines that begin with a blank go on with the record above. */
  private Readings read(String lines) throws IOException {
    var file = folder.resolve("chat.jsonl");
    return Readings.of(Corpus.ALPACA, Files.writeString(file, lines.replace("\n ", " ")));
  }
}
