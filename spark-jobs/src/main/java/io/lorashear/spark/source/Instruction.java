package io.lorashear.spark.source;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorashear.spark.source.record.RawRecord;
import io.lorashear.spark.source.text.Encodings;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An instruction of Stanford Alpaca, in the words it was trained with (its {@code train.py}). */
public final class Instruction implements Parser.OfDocuments {
  private static final long serialVersionUID = 1;
  private static final String WITH_INPUT =
      """
      Below is an instruction that describes a task, paired with an input that provides further \
      context. Write a response that appropriately completes the request.

      ### Instruction:
      %s

      ### Input:
      %s

      ### Response:""";
  private static final String WITHOUT_INPUT =
      """
      Below is an instruction that describes a task. Write a response that appropriately completes \
      the request.

      ### Instruction:
      %s

      ### Response:""";

  @Override
  public @Nullable Reading parse(InputFile file, RawRecord record) {
    var place = file.place(record.position());
    var line = Encodings.unicode(record.bytes()).orElse(null);
    if (line == null) {
      return Dropped.at(place, DropReason.INVALID_ENCODING, record.bytes());
    } else if (line.isBlank()) {
      return null;
    }
    var json = JsonText.object(line);
    return json == null
        ? Dropped.at(place, DropReason.INVALID_JSON, line)
        : document(place, json, line);
  }

  private static Reading document(Place place, JsonNode json, String line) {
    var instruction = json.path("instruction");
    var input = json.path("input");
    var output = json.path("output");
    var inputIsText = input.isTextual() || input.isMissingNode() || input.isNull();
    if (!instruction.isTextual() || !output.isTextual() || !inputIsText) {
      return Dropped.at(place, DropReason.NO_TEXT_FIELD, line);
    } else if (instruction.textValue().isBlank()) {
      return Dropped.at(place, DropReason.NO_TEXT, line);
    } else if (output.textValue().isBlank()) {
      return Dropped.at(place, DropReason.NO_RESPONSE, line);
    }
    var prompt = prompt(instruction.textValue(), given(input));
    return Document.at(place, Kind.INSTRUCTION, prompt, output.textValue());
  }

  /** The data set's own word for no input was left standing in some records. */
  private static String given(JsonNode input) {
    var text = input.asText("");
    return text.strip().equalsIgnoreCase("<noinput>") ? "" : text;
  }

  /** What was asked and given in a prompt, without the words all prompts share. */
  public static String asked(String prompt) {
    var asked = prompt;
    for (var template : List.of(WITH_INPUT, WITHOUT_INPUT)) {
      for (var words : template.split("%s", -1)) {
        asked = asked.replace(words, "\n\n");
      }
    }
    return asked.strip();
  }

  /** What the model reads before it answers. */
  static String prompt(String instruction, String input) {
    return input.isEmpty()
        ? WITHOUT_INPUT.formatted(instruction)
        : WITH_INPUT.formatted(instruction, input);
  }
}
