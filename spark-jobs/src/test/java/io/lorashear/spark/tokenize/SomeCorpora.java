package io.lorashear.spark.tokenize;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.corpus.CorpusManifest;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.run.Stage;
import io.lorashear.spark.engine.Engine;
import io.lorashear.tokenizer.SmallTokenizers;
import io.lorashear.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Corpora of seeded documents, made in a folder of their own with one small tokenizer. */
record SomeCorpora(Path folder, Path tokenizer) {
  static final int LENGTH = 64;

  static SomeCorpora in(Path folder) throws IOException {
    return new SomeCorpora(folder, SmallTokenizers.byteLevel(folder));
  }

  /** All text of one split. */
  String text(Path corpus, String split) {
    var rows = rows(corpus).stream().filter(row -> row.split().equals(split)).toList();
    return String.join("\n\n", texts(rows).values());
  }

  /** Text of every document in the rows: its ids up to the separator, decoded. */
  Map<String, String> texts(List<Sequence> rows) {
    var ids = new TreeMap<String, List<Integer>>();
    for (Sequence row : rows) {
      for (int d = 0; d < row.documents().size(); d++) {
        int end =
            d + 1 < row.documents().size() ? row.documents().get(d + 1).start() : row.tokens();
        var of = ids.computeIfAbsent(row.documents().get(d).id(), id -> new ArrayList<>());
        for (int i = row.documents().get(d).start(); i < end; i++) {
          of.add(row.inputIds()[i]);
        }
      }
    }
    var texts = new TreeMap<String, String>();
    try (var open = Tokenizer.open(tokenizer)) {
      ids.forEach(
          (document, all) -> {
            assertThat(all.get(all.size() - 1)).isEqualTo(open.endOfText());
            var text = all.subList(0, all.size() - 1).stream().mapToInt(Integer::intValue);
            texts.put(document, open.decode(text.toArray()));
          });
    }
    return texts;
  }

  TokenizeSettings excluding(int words) {
    var usual = settings();
    return new TokenizeSettings(
        usual.documents(),
        usual.tokenizer(),
        usual.output(),
        usual.grows(),
        usual.earlier(),
        LENGTH,
        usual.separator(),
        usual.tail(),
        usual.examples(),
        new ValidationSettings(0.2, words),
        usual.passageCharacters(),
        usual.shardCharacters(),
        usual.engine(),
        usual.hubModel());
  }

  TokenizeSettings settings() {
    return settings(TokenizeSettings.Tail.PAD);
  }

  TokenizeSettings settings(TokenizeSettings.Tail tail) {
    return settings(Optional.empty(), tail);
  }

  TokenizeSettings settings(Optional<Integer> separator, TokenizeSettings.Tail tail) {
    return new TokenizeSettings(
        Path.of("unused"),
        tokenizer,
        Path.of("unused"),
        Optional.empty(),
        List.of(),
        LENGTH,
        separator,
        tail,
        TokenizeSettings.Examples.PACKED,
        new ValidationSettings(0.2, 50),
        500,
        4000,
        Engine.BUILT_IN,
        Optional.empty());
  }

  /** A corpus of documents spread over so many partitions. */
  Path published(SomeDocuments documents, int partitions, TokenizeSettings settings)
      throws IOException {
    var target = Files.createTempDirectory(folder, "corpus").resolve("published");
    publish(documents.in(partitions), target, settings);
    return target;
  }

  static void publish(Dataset<Row> documents, Path target, TokenizeSettings settings) {
    stage(target, settings).run(output -> write(documents, settings, output).writeTo(output));
  }

  static Stage stage(Path target, TokenizeSettings settings) {
    return Stage.of("tokenize", target, settings, Tokenize.class).resumes();
  }

  static CorpusManifest write(
      Dataset<Row> documents, TokenizeSettings settings, Stage.Output output) throws IOException {
    return Tokenize.write(documents, Map.of("web", "public domain"), settings, output);
  }

  /** Every file, in hexadecimal digits. */
  static Map<String, String> bytes(Path folder) throws IOException {
    var bytes = new TreeMap<String, String>();
    try (var files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes.put(
            folder.relativize(file).toString(), HexFormat.of().formatHex(Files.readAllBytes(file)));
      }
    }
    return bytes;
  }

  /** All rows of a corpus in the order of their ids. */
  static List<Sequence> rows(Path corpus) {
    var reader = SequenceReader.open(corpus);
    List<Sequence> rows = new ArrayList<>();
    for (String source : reader.manifest().sourceNames()) {
      for (String split : List.of("train", "validation")) {
        try (var stream = reader.read(source, split)) {
          stream.forEachRemaining(rows::add);
        }
      }
    }
    return rows;
  }
}
