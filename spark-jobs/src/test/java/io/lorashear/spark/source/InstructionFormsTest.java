package io.lorashear.spark.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The forms in which data sets have instructions, conversations and preferences. */
class InstructionFormsTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'instruction': 'Name a bird.', 'input': '', 'output': 'An owl.'}",
        "{'Instruction': 'Name a bird.', 'Response': 'An owl.'}",
        "{'instruction': '', 'input': 'Name a bird.', 'output': 'An owl.'}",
        "{'query': 'Name a bird.', 'response': 'An owl.', 'type': 'MATH'}",
        "{'inputs': 'Name a bird.', 'targets': 'An owl.', 'task': 'flan'}",
        "{'system_prompt': '', 'question': 'Name a bird.', 'response': 'An owl.'}",
        "{'user': 'Name a bird.', 'assistant': 'An owl.'}",
        "{'prompt': 'Name a bird.', 'chosen': 'An owl.', 'rejected': 'A cow.'}",
        "{'instruction': 'Name a bird.', 'input': '', 'output': ['An owl.']}",
        "{'prompt': 'Name a bird.', 'completion': 'An owl.', 'label': true}",
        "{'prompt': 'Name a bird.', 'messages': [{'role': 'user', 'content': 'Name a bird.'},"
            + " {'role': 'assistant', 'content': 'An owl.'}]}",
        "{'prompt': [{'role': 'user', 'content': 'Name a bird.'}],"
            + " 'completion': [{'role': 'assistant', 'content': 'An owl.'}]}",
        "{'prompt': 'Name a bird.', 'chosen': [{'role': 'user', 'content': 'Name a bird.'},"
            + " {'role': 'assistant', 'content': 'An owl.'}], 'rejected': []}",
        "{'conversations': [{'from': 'human', 'value': 'Name a bird.'}],"
            + " 'chosen': {'from': 'gpt', 'value': 'An owl.'},"
            + " 'rejected': {'from': 'gpt', 'value': 'A cow.'}}",
        "{'conversations': {'from': ['human', 'gpt'], 'value': ['Name a bird.', 'An owl.']}}",
        "{'messages': {'role': ['user', 'assistant'], 'content': ['Name a bird.', 'An owl.']}}",
        "{'conversations': '[{\\'from\\': \\'human\\', \\'value\\': \\'Name a bird.\\'},"
            + " {\\'from\\': \\'gpt\\', \\'value\\': \\'An owl.\\'}]'}",
        "{'id': '0', 'data': ['Name a bird.', 'An owl.']}",
        "{'conversations': ['Name a bird.', 'An owl.'], 'source': 'lima'}",
        "{'conversation': [{'output': 'An owl.', 'input': 'Name a bird.'}]}",
        "{'conversation': [{'human': 'Name a bird.', 'assistant': 'An owl.'}]}",
        "{'messages': [{'user': 'Name a bird.'}, {'assistant': 'An owl.'}]}",
        "{'items': [{'from': 'human', 'value': 'Name a bird.'}, {'from': 'gpt-4', 'value': 'An"
            + " owl.'}]}",
        "{'messages': [{'role': 'user', 'content': [{'type': 'text', 'value': 'Name a bird.'}]},"
            + " {'role': 'assistant', 'content': [{'type': 'output_text', 'text': 'An owl.'}]}]}",
        "{'messages': [{'author': {'role': 'user'}, 'content': {'content_type': 'text',"
            + " 'parts': ['Name a bird.']}}, {'author': {'role': 'assistant'},"
            + " 'content': {'content_type': 'text', 'parts': ['An owl.']}}]}",
        "{'chosen_messages': [{'role': 'user', 'loss_weight': 0.0, 'content': 'Name a bird.'},"
            + " {'role': 'assistant', 'loss_weight': 1.0, 'content': 'An owl.'}],"
            + " 'rejected_messages': []}",
        "{'chosen': '\\n\\nHuman: Name a bird.\\n\\nAssistant: An owl.',"
            + " 'rejected': '\\n\\nHuman: Name a bird.\\n\\nAssistant: A cow.'}",
        "{'prompt': '\\n\\nHuman: Name a bird.\\n\\nAssistant:', 'completion': ' An owl.'}",
        "{'prompt': '\\n\\nHuman: Name a bird.\\n\\nAssistant:', 'rejected': ' A cow.',"
            + " 'chosen': '\\n\\nHuman: Name a bird.\\n\\nAssistant: An owl.'}",
        "{'chat': 'USER: Name a bird.\\n\\n\\nASSISTANT: An owl.', 'system': ''}",
        "{'contents': [{'role': 'user', 'parts': [{'text': 'Name a bird.'}]},"
            + " {'role': 'model', 'parts': [{'text': 'An owl.'}]}]}",
        "{'question': 'Name a bird.', 'answers': {'text': ['An owl.'], 'answer_start': [3]}}",
        "{'text': '### Human: Name a bird.### Assistant: An owl.'}",
        "[{'role': 'user', 'content': 'Name a bird.'}, {'role': 'assistant', 'content': 'An"
            + " owl.'}]",
      })
  void theSameQuestionAndAnswerIsReadInEveryForm(String record) throws IOException {
    var readings = read(record);
    assertThat(readings.texts()).containsExactly(Instruction.prompt("Name a bird.", ""));
    assertThat(readings.documents().get(0).response().strip()).isEqualTo("An owl.");
    assertThat(readings.documents().get(0).warnings()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'instruction': 'Sum.', 'input': '1 2', 'output': '3'}",
        "{'instruction': 'Sum.', 'input': '', 'context': '1 2', 'output': 3}",
        "{'instruction': 'Sum.', 'input': '<noinput>', 'context': '1 2', 'output': 3}",
        "{'instruction': 'Sum.', 'question': '1 2', 'answer': 3}",
        "{'instruction': 'Sum.', 'input': '1 2', 'output': '3', 'prompt': 'Do this. Sum. Now!'}",
        "{'messages': [{'role': 'user', 'content': 'Sum.'}, {'role': 'tool', 'content': '1 2'},"
            + " {'role': 'assistant', 'content': '3'}]}",
      })
  void whatIsGivenStandsUnderItsHeading(String record) throws IOException {
    var readings = read(record);
    assertThat(readings.texts()).containsExactly(Instruction.prompt("Sum.", "1 2"));
    assertThat(readings.documents().get(0).response()).isEqualTo("3");
  }

  @Test
  void numbersTruthValuesAndChoicesAreTexts() throws IOException {
    var readings =
        read(
            "{'question': 'Is it so?', 'passage': 'It is.', 'answer': true}",
            "{'question': 'Half of 1?', 'answer': 0.5}",
            "{'question': 'Which one flies?', 'choices': {'text': ['A cow', 'An owl'],"
                + " 'label': ['A', 'B']}, 'answer': 'B'}");
    assertThat(readings.documents().stream().map(Document::response))
        .containsExactly("true", "0.5", "B");
    assertThat(readings.texts())
        .containsExactly(
            Instruction.prompt("Is it so?", "It is."),
            Instruction.prompt("Half of 1?", ""),
            Instruction.prompt("Which one flies?", "A. A cow\nB. An owl"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'system': 'Be brief.', 'history': [['Hi.', 'Hello.']], 'instruction': 'Name a bird.',"
            + " 'input': '', 'output': 'An owl.'}",
        "{'messages': [{'role': 'developer', 'content': 'Be brief.'},"
            + " {'role': 'user', 'content': 'Hi.'}, {'role': 'assistant', 'content': 'Hello.'},"
            + " {'role': 'user', 'content': 'Name a bird.'},"
            + " {'role': 'assistant', 'content': 'An owl.'}]}",
        "{'system_prompt': 'Be brief.', 'conversations': [{'from': 'human', 'value': 'Hi.'},"
            + " {'from': 'gpt', 'value': 'Hello.'}, {'from': 'human', 'value': 'Name a bird.'},"
            + " {'from': 'gpt', 'value': 'An owl.'}]}",
        "{'system': 'Be brief.', 'history': [{'role': 'user', 'content': 'Hi.'},"
            + " {'role': 'assistant', 'content': 'Hello.'}], 'messages': [{'role': 'user',"
            + " 'content': 'Name a bird.'}, {'role': 'assistant', 'content': 'An owl.'}]}",
      })
  void whatWasSaidBeforehandStandsInThePrompt(String record) throws IOException {
    assertThat(read(record).texts())
        .containsExactly(
            """
            Be brief.

            ### Instruction:
            Hi.

            ### Response:
            Hello.

            ### Instruction:
            Name a bird.

            ### Response:\
            """);
  }

  @Test
  void toolsAndTheirCallsStandInThePrompt() throws IOException {
    var readings =
        read(
            "{'tools': '[{\\'name\\': \\'sum\\'}]', 'conversations': ["
                + "{'from': 'human', 'value': 'Sum 1 and 2.'},"
                + " {'from': 'function_call', 'value': 'sum(1, 2)'},"
                + " {'from': 'observation', 'value': '3'}, {'from': 'gpt', 'value': 'It is 3.'}]}",
            "{'messages': [{'role': 'user', 'content': 'Sum 1 and 2.'}, {'role': 'assistant',"
                + " 'content': null, 'tool_calls': [{'function': {'name': 'sum'}}]}]}");
    assertThat(readings.texts().get(0))
        .isEqualTo(
            """
            [{"name": "sum"}]

            ### Instruction:
            Sum 1 and 2.

            ### Response:
            sum(1, 2)

            ### Input:
            3

            ### Response:\
            """);
    assertThat(readings.documents().get(1).response())
        .isEqualTo("[{\"function\":{\"name\":\"sum\"}}]");
  }

  @Test
  void callsAndThoughtsInPartsAreWritten() throws IOException {
    var readings =
        read(
            "{'messages': [{'role': 'user', 'content': 'Sum.'}, {'role': 'assistant', 'content':"
                + " [{'type': 'reasoning', 'value': 'I add.'}, {'type': 'tool_use', 'name':"
                + " 'sum'}]}, {'role': 'user', 'content': [{'type': 'tool_result', 'content':"
                + " '3'}]}, {'role': 'assistant', 'content': [{'type': 'text', 'text':"
                + " 'Three.'}]}]}");
    assertThat(readings.texts().get(0))
        .contains("### Response:\nI add.\n{\"type\":\"tool_use\",\"name\":\"sum\"}\n\n")
        .endsWith("### Instruction:\n3\n\n### Response:");
    assertThat(readings.documents().get(0).response()).isEqualTo("Three.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'messages': [{'role': 'user', 'content': 'a'}, {'role': 'assistant', 'content': 'b'}],"
            + " 'label': false}",
        "{'prompt': 'a', 'completion': 'b', 'label': 0}",
        "{'prompt': 'a', 'completion': 'b', 'label': 'False'}",
        "{'instruction': 'a', 'output': 'b', 'kto_tag': false}",
        "{'prompt': 'a', 'response': 'b', 'rejected': true}",
        "{'prompt': 'a', 'rejected': 'b'}",
        "{'prompt': 'a', 'response': 'b', 'chosen': false}",
        "{'prompt': 'a', 'response': 'b', 'feedback': 'thumbs down'}",
        "{'prompt': 'a', 'response': 'b', 'rating': '👎'}",
        "{'prompt': 'a', 'response': 'b', 'vote': -1}",
        "{'prompt': 'a', 'response': 'b', 'feedback': {'rating': 'thumbsDown'}}",
        "{'prompt': 'a', 'response': 'b', 'thumbs_down': true}",
        "{'messages': [{'role': 'user', 'content': 'a'},"
            + " {'role': 'assistant', 'content': 'b', 'weight': 0}]}",
        "{'messages': [{'role': 'user', 'content': 'a'},"
            + " {'role': 'assistant', 'content': 'b', 'train': false}]}",
      })
  void whatIsMarkedAsBadIsNotTaught(String record) throws IOException {
    assertThat(read(record).counts()).isEqualTo(Map.of("marked-bad", 1));
  }

  @Test
  void marksOfGoodAnswersDropNothing() throws IOException {
    assertThat(
            read(
                    "{'prompt': 'a', 'completion': 'b', 'label': 1, 'rating': 5}",
                    "{'prompt': 'a', 'completion': 'b', 'label': 'true', 'feedback': 'thumbs_up'}",
                    "{'prompt': 'a', 'completion': 'b', 'rejected': false, 'vote': 0}",
                    "{'conversations': [{'from': 'human', 'value': 'a', 'weight': 0},"
                        + " {'from': 'gpt', 'value': 'b', 'weight': 1}]}")
                .counts())
        .isEqualTo(Map.of("kept", 4));
  }

  @Test
  void aFormThatIsNotKnownIsToldWithItsFields() throws IOException {
    var readings =
        read(
            "{'conversation_a': [], 'winner': 'model_a', 'judge': 1}",
            "{'messages': [{'role': 'narrator', 'content': 'a'}]}",
            "{'messages': [{'who': 'a', 'what': 'b'}]}",
            "{'messages': [{'role': 'user', 'content': [{'type': 'image_url', 'text': null}]}]}",
            "{'image': 'a.png', 'conversations': [{'from': 'human', 'value': 'What is it?'},"
                + " {'from': 'gpt', 'value': 'A cow.'}]}",
            "{'conversations': {'from': ['human', 'gpt'], 'value': ['a']}}",
            "{'messages': 'a'}",
            "{'question': 'a', 'answers': [{'text': 'b', 'score': 1}, {'text': 'c', 'score': 9}]}",
            "{'question_id': 81, 'turns': ['What is it?', 'And why?']}",
            "7",
            "{'instruction': 'a', 'note': 'b'}");
    assertThat(readings.counts()).isEqualTo(Map.of("unknown-form", 10, "no-text-field", 1));
    assertThat(readings.all().stream().map(reading -> ((Dropped) reading).excerpt().split(": ")[0]))
        .startsWith(
            "has the fields conversation_a, winner, judge",
            "nobody known speaks",
            "a turn that has the fields who, what",
            "a part that is no text",
            "asks about what is no text",
            "turns in lists of different lengths")
        .endsWith("is no object", "has the fields instruction, note");
  }

  @Test
  void whatIsLeftOutIsTold() throws IOException {
    var readings =
        read(
            "{'conversations': [{'from': 'gpt', 'value': 'Hi.'}, {'from': 'human', 'value': 'a'},"
                + " {'from': 'gpt', 'value': 'b'}, {'from': 'human', 'value': 'c'}]}",
            "{'prompt': 'a', 'answers': ['b', 'c', 'd']}",
            "{'question': 'x', 'messages': [{'role': 'user', 'content': 'a'},"
                + " {'role': 'assistant', 'content': 'b'}]}");
    assertThat(readings.documents().stream().map(Document::warnings).map(Map::values))
        .map(List::copyOf)
        .containsExactly(
            List.of("an answer before the first question, a question that nobody answered"),
            List.of("2 answers after the first"),
            List.of("the field question"));
    assertThat(readings.documents().get(0).warnings()).containsOnlyKeys("parts-left-out");
  }

  @Test
  void ofATreeOfMessagesTheBestRepliesAreFollowed() throws IOException {
    var readings =
        read(
            "{'message_tree_id': 't', 'prompt': {'text': 'Name a bird.', 'role': 'prompter',"
                + " 'replies': [{'text': 'A cow.', 'role': 'assistant', 'rank': 1, 'replies': []},"
                + " {'text': 'A hen.', 'role': 'assistant', 'rank': 0, 'deleted': true},"
                + " {'text': 'An owl.', 'role': 'assistant', 'rank': 0, 'replies': ["
                + "{'text': 'Why?', 'role': 'prompter', 'rank': null, 'replies': []}]}]}}");
    assertThat(readings.texts()).containsExactly(Instruction.prompt("Name a bird.", ""));
    assertThat(readings.documents().get(0).response()).isEqualTo("An owl.");
    assertThat(readings.documents().get(0).warnings())
        .containsEntry(
            "parts-left-out", "a question that nobody answered, 2 replies beside the first");
  }

  @Test
  void whatATaskSaysHoldsForAllItsInstances() throws IOException {
    var readings =
        read(
            "{'System': 'Be brief.', 'Definition': ['Sum.'], 'Instances': [{'input': '1 2',"
                + " 'output': ['3']}, {'input': '2 2', 'output': '5', 'label': false}]}");
    assertThat(readings.counts()).isEqualTo(Map.of("kept", 1, "marked-bad", 1));
    assertThat(readings.texts().get(0)).startsWith("Be brief.\n\n### Instruction:\nSum.\n");
  }

  /** Records with single quotation marks for double ones, one a line. */
  private Readings read(String... records) throws IOException {
    var lines = String.join("\n", records).replace('\'', '"');
    // the first record decides how the file is read: a list is none of its records
    var file = "{\"prompt\": \"\", \"completion\": \"\"}\n" + lines + "\n";
    var readings =
        Readings.of(Corpus.ALPACA, Files.writeString(folder.resolve("forms.jsonl"), file));
    return new Readings(readings.all().subList(1, readings.all().size()), List.of(), List.of());
  }
}
