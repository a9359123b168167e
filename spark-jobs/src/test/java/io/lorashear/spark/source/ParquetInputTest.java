package io.lorashear.spark.source;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ParquetInputTest {
  private static final MessageType TEXTS =
      MessageTypeParser.parseMessageType(
          "message m { required int64 id; optional binary text (STRING); optional binary body; }");
  private static final MessageType CHATS =
      MessageTypeParser.parseMessageType(
          "message m { optional group messages (LIST) { repeated group list { optional group"
              + " element { required binary role (STRING); required binary content (STRING); } } }"
              + " optional binary instruction (STRING); optional binary output (STRING); }");

  private static final MessageType COLUMNS =
      MessageTypeParser.parseMessageType(
          "message m { optional group conversations { optional group from (LIST) { repeated group"
              + " list { optional binary element (STRING); } } optional group value (LIST) {"
              + " repeated group list { optional binary element (STRING); } } } optional binary"
              + " system_prompt (STRING); optional boolean label; }");

  /** Numbers of codecs in Parquet's footers. */
  private static final int LZ4 = 5;

  private static final int LZ4_RAW = 7;

  @TempDir Path folder;

  @Test
  void rowsAreNumberedAndReadOnceHoweverManyTasksShareTheFile() throws IOException {
    var file =
        texts(
            "a.parquet",
            IntStream.range(0, 3000)
                .mapToObj(i -> "row " + i + " ".repeat(200) + "x" + i * 7919)
                .toArray(String[]::new));
    var source = SourceSettings.of(Corpus.WIKIPEDIA, file);
    var whole = Readings.of(source, LimitSettings.USUAL);
    assertThat(whole.documents()).hasSize(3000);
    assertThat(whole.documents().get(17).id()).isEqualTo("wikipedia/a.parquet#0000000017");
    assertThat(whole.texts().get(17)).startsWith("row 17 ");
    var sliced = Readings.of(source, new LimitSettings(1 << 20, Files.size(file) / 7));
    assertThat(sliced.all()).containsExactlyInAnyOrderElementsOf(whole.all());
  }

  @Test
  void rowsWithoutTextAreCounted() throws IOException {
    var file = texts("a.parquet", "kept", null, " ", "long ".repeat(1000));
    var source = SourceSettings.of(Corpus.OPENWEBTEXT, file);
    assertThat(Readings.of(source, new LimitSettings(1024, 1 << 20)).counts())
        .isEqualTo(Map.of("kept", 1, "no-text", 2, "too-long", 1));
  }

  @Test
  void booksAreStrippedAndSentencesJoined() throws IOException {
    var book =
        "The Project Gutenberg eBook\n\n*** START OF THE PROJECT GUTENBERG EBOOK X ***\n\n"
            + "It was a day.\n\n*** END OF THE PROJECT GUTENBERG EBOOK X ***\nLicence";
    var gutenberg = Readings.of(Corpus.GUTENBERG, texts("a.parquet", book));
    assertThat(gutenberg.texts()).containsExactly("It was a day.");
    var sentences =
        Readings.of(Corpus.BOOKCORPUS, texts("b.parquet", "one .", "two\n.", "three ."));
    assertThat(sentences.documents())
        .containsExactly(
            new Document(
                "bookcorpus",
                "bookcorpus/b.parquet#0000000001-lines",
                Kind.SENTENCES,
                "one .\ntwo .\nthree .",
                "",
                "b.parquet",
                "0000000001-lines"));
    var books = Readings.of(Corpus.BOOKCORPUS, texts("c.parquet", "A book. ".repeat(400)));
    assertThat(books.documents().get(0).kind()).isEqualTo(Kind.TEXT);
  }

  @Test
  void instructionsAndConversationsAreRead() throws IOException {
    var alone = new SimpleGroupFactory(CHATS).newGroup();
    alone.append("instruction", "Say yes.").append("output", "Yes.");
    var chat = new SimpleGroupFactory(CHATS).newGroup();
    var list = chat.addGroup("messages");
    for (var turn : List.of("user:Say no.", "assistant:No.")) {
      var element = list.addGroup("list").addGroup("element");
      element.append("role", turn.split(":", -1)[0]).append("content", turn.split(":", -1)[1]);
    }
    var file = write("a.parquet", CHATS, List.of(alone, chat));
    var readings = Readings.of(Corpus.ALPACA, file);
    assertThat(readings.documents().stream().map(Document::response))
        .containsExactly("Yes.", "No.");
    assertThat(readings.texts().get(1)).isEqualTo(Instruction.prompt("Say no.", ""));
  }

  /** As datasets stores a sequence of structures. */
  @Test
  void turnsInColumnsAreReadWithWhatStandsBesideThem() throws IOException {
    var rows =
        List.of(
            conversation("Be brief.", true, "Say yes.", "Yes."), conversation("", false, "a", "b"));
    var readings = Readings.of(Corpus.ALPACA, write("a.parquet", COLUMNS, rows));
    assertThat(readings.counts()).isEqualTo(Map.of("kept", 1, "marked-bad", 1));
    assertThat(readings.texts())
        .containsExactly("Be brief.\n\n### Instruction:\nSay yes.\n\n### Response:");
    assertThat(readings.documents().get(0).response()).isEqualTo("Yes.");
  }

  private static Group conversation(String system, boolean label, String asked, String answered) {
    var row = new SimpleGroupFactory(COLUMNS).newGroup();
    var turns = row.addGroup("conversations");
    var from = turns.addGroup("from");
    List.of("human", "gpt").forEach(name -> from.addGroup("list").append("element", name));
    var value = turns.addGroup("value");
    List.of(asked, answered).forEach(said -> value.addGroup("list").append("element", said));
    return row.append("system_prompt", system).append("label", label);
  }

  @Test
  void aFileWithoutTheColumnNamesThoseItHas() throws IOException {
    var file = texts("a.parquet", "x");
    var source =
        new SourceSettings(
            Corpus.OTHER,
            Optional.empty(),
            List.of(file),
            Format.AUTO,
            "content",
            Optional.empty(),
            500,
            Optional.empty(),
            Optional.empty());
    assertThat(Readings.of(source, LimitSettings.USUAL).settings())
        .containsExactly(
            "sources[0].textField is \"content\"; its records have: id, text, body (source other):"
                + " name the field with the text");
  }

  @ParameterizedTest
  @EnumSource(
      value = CompressionCodecName.class,
      names = {"UNCOMPRESSED", "SNAPPY", "GZIP", "LZ4", "ZSTD", "LZ4_RAW"})
  void everyCodecIsRead(CompressionCodecName codec) throws IOException {
    var row = new SimpleGroupFactory(TEXTS).newGroup().append("id", 1L).append("text", "A text.");
    var file = write(codec + ".parquet", TEXTS, List.of(row, row), codec);
    assertThat(Readings.of(Corpus.OTHER, file).texts()).containsExactly("A text.", "A text.");
  }

  /** Two rows as pyarrow writes them with compression="brotli"; nothing in Java writes it. */
  @Test
  void brotliIsRead() throws IOException {
    var bytes =
        Base64.getDecoder()
            .decode(
                "UEFSMRUAFSgVMCwVBBUAFQYVBhwAAACLCYACAAAABAEDAAAAb25lAwAAAHR3bwMVBBksNQAYBnNjaGVt"
                    + "YRUCABUMJQIYBHRleHQlAEwcAAAAFgQZHBkcJgAcFQwZJQYAGRgEdGV4dBUIFgQWThZWJghJHBUA"
                    + "FQAVAgA8FgwZBhkmAAQAAAAWThYEJggWVgAoIHBhcnF1ZXQtY3BwLWFycm93IHZlcnNpb24gMjYu"
                    + "MC4xGRwcAAAAiAAAAFBBUjE=");
    var file = Files.write(folder.resolve("a.parquet"), bytes);
    assertThat(Readings.of(Corpus.OTHER, file).texts()).containsExactly("one", "two");
  }

  /** Arrow wrote blocks without sizes under the name that Hadoop has for those with them. */
  @Test
  void bareBlocksUnderTheNameOfOldLz4AreRead() throws IOException {
    var row = new SimpleGroupFactory(TEXTS).newGroup().append("id", 1L).append("text", "A text.");
    var file = write("a.parquet", TEXTS, List.of(row), CompressionCodecName.LZ4_RAW);
    var bytes = Files.readAllBytes(file);
    var footer = ByteBuffer.wrap(bytes, bytes.length - 8, 4).order(LITTLE_ENDIAN).getInt();
    for (var at = bytes.length - 8 - footer; at + 9 < bytes.length; at++) {
      if (bytes[at] == 0x15 && bytes[at + 1] == 2 * LZ4_RAW) { // the codec, in Thrift's form
        bytes[at + 1] = 2 * LZ4;
      }
    }
    assertThat(bytes).isNotEqualTo(Files.readAllBytes(file));
    var old = Files.write(folder.resolve("b.parquet"), bytes);
    assertThat(Readings.of(Corpus.OTHER, old).texts()).containsExactly("A text.");
  }

  @Test
  void aColumnOfAnotherKindIsReadWhereItIsPlainlyText() throws IOException {
    var schema =
        MessageTypeParser.parseMessageType(
            "message m { required int64 id; optional group text (LIST) { repeated group list {"
                + " optional binary element (STRING); } } }");
    var rows = new ArrayList<Group>();
    for (var texts : List.of(List.of("One passage.", "And another."), List.of("one", "fox"))) {
      var row = new SimpleGroupFactory(schema).newGroup().append("id", (long) rows.size());
      var list = row.addGroup("text");
      texts.forEach(text -> list.addGroup("list").append("element", text));
      rows.add(row);
    }
    var readings = Readings.of(Corpus.OTHER, write("a.parquet", schema, rows));
    assertThat(readings.texts()).containsExactly("One passage.\nAnd another.");
    assertThat(readings.counts()).isEqualTo(Map.of("kept", 1, "no-text-field", 1));
  }

  @Test
  void aColumnWithoutTextIsToldWithTheOthersBeforeAllIsRead() throws IOException {
    var schema =
        MessageTypeParser.parseMessageType(
            "message m { required int32 text; optional binary body (STRING); }");
    var row = new SimpleGroupFactory(schema).newGroup().append("text", 7).append("body", "A text.");
    var readings = Readings.of(Corpus.OTHER, write("a.parquet", schema, List.of(row, row)));
    assertThat(readings.counts()).isEqualTo(Map.of("no-text-field", 2));
    assertThat(readings.settings())
        .containsExactly(
            "sources[0].textField is \"text\"; its records have: text (a number), body (source"
                + " other): name the field with the text");
  }

  @Test
  void aDamagedFileIsNamed() throws IOException {
    var bytes = Files.readAllBytes(texts("a.parquet", "one", "two"));
    var cut = Files.write(folder.resolve("b.parquet"), Arrays.copyOf(bytes, bytes.length / 2));
    assertThat(Readings.of(Corpus.OTHER, cut).problems().get(0))
        .startsWith(cut + " is a damaged Parquet file (it is not a Parquet file.")
        .doesNotContain("file:");
  }

  private Path texts(String name, String... texts) throws IOException {
    var rows =
        IntStream.range(0, texts.length)
            .mapToObj(
                i -> {
                  var row = new SimpleGroupFactory(TEXTS).newGroup().append("id", (long) i);
                  return texts[i] == null ? row : row.append("text", texts[i]);
                })
            .collect(Collectors.toList());
    return write(name, TEXTS, rows);
  }

  private Path write(String name, MessageType schema, List<Group> rows) throws IOException {
    return write(name, schema, rows, CompressionCodecName.UNCOMPRESSED);
  }

  private Path write(String name, MessageType schema, List<Group> rows, CompressionCodecName codec)
      throws IOException {
    var path = folder.resolve(name);
    var configuration = new Configuration(false);
    configuration.set("fs.file.impl", "org.apache.hadoop.fs.RawLocalFileSystem");
    try (var writer =
        ExampleParquetWriter.builder(new org.apache.hadoop.fs.Path(path.toUri()))
            .withConf(configuration)
            .withType(schema)
            .withRowGroupSize(20_000L)
            .withPageSize(2_000)
            .withCompressionCodec(codec)
            .build()) {
      for (var row : rows) {
        writer.write(row);
      }
    }
    return path;
  }
}
