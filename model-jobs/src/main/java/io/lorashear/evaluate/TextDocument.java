package io.lorashear.evaluate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorashear.InputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A text to be scored.
 *
 * @param text text that the model reads
 * @param words number of runs of non-white-space characters in the published text
 * @param bytes number of UTF-8 bytes of the published text
 */
record TextDocument(String text, int words, int bytes) {
  private static final Pattern WHITE_SPACE =
      Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);

  /**
   * A document whose words are counted as the reference evaluator does: {@code len(re.split(r"\s+",
   * published))}.
   */
  static TextDocument of(String text, String published) {
    return new TextDocument(
        text,
        WHITE_SPACE.split(published, -1).length,
        published.getBytes(StandardCharsets.UTF_8).length);
  }

  /**
   * The documents of a file; strided windows join all into one.
   *
   * @throws InputException if the file is missing, torn, empty, or a line is not JSON with a text
   */
  static List<TextDocument> read(TextSettings settings) {
    var file = settings.file();
    boolean isStream = settings.windows() == TextSettings.Windows.STRIDED;
    var documents =
        switch (settings.documents()) {
          case WHOLE -> joined(List.of(TextLines.text(file)), isStream);
          case LINES -> joined(lines(file), isStream);
          case WIKITEXT ->
              isStream
                  ? joined(WikiText.rows(TextLines.text(file)), true)
                  : WikiText.articles(TextLines.text(file)).stream()
                      .map(article -> of(WikiText.detokenized(article), article))
                      .toList();
        };
    if (documents.stream().allMatch(document -> document.text().isBlank())) {
      throw new InputException("%s holds no text: check texts", file);
    }
    return documents;
  }

  private static List<TextDocument> joined(List<String> texts, boolean isStream) {
    var documents = isStream ? List.of(String.join("\n\n", texts)) : texts;
    return documents.stream().map(text -> of(text, text)).collect(Collectors.toList());
  }

  private static List<String> lines(Path file) {
    var json = new ObjectMapper();
    var texts = new ArrayList<String>();
    var lines = TextLines.of(file);
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).isBlank()) {
        try {
          texts.add(Records.text(json.readTree(lines.get(i)), "text"));
        } catch (JsonProcessingException | BadRecord e) {
          throw new InputException(
              e, "%s, line %d: no JSON object with a text under \"text\"", file, i + 1);
        }
      }
    }
    return texts;
  }
}
