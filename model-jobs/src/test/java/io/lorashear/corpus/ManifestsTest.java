package io.lorashear.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestsTest {

  private record NoSettings() {}

  @TempDir Path temporary;
  private Path folder;

  private final LossReport report =
      new LossReport(
          "model",
          "corpus",
          "validation",
          8,
          3,
          List.of(new LossReport.SourceLoss("wikipedia", 8, 100, 250.5)),
          List.of(new LossReport.DocumentLoss("wikipedia", "dump#é", 100, 250.5, 50, 125)));

  private final SubsetManifest subset =
      new SubsetManifest(
          "corpus",
          "train",
          3,
          1,
          1024,
          "adaptive",
          List.of(
              new SubsetManifest.GroupDraw(
                  "wikipedia/3",
                  "wikipedia",
                  0.5,
                  0.25,
                  1,
                  "why",
                  9,
                  2,
                  List.of(new SubsetManifest.Cursor(0, 1, "ff")))),
          List.of(
              new SubsetManifest.Drawn("wikipedia/train/0/1", "x.parquet", 1, "wikipedia/3"),
              new SubsetManifest.Drawn("wikipedia/train/0/0", "x.parquet", 0, "wikipedia/3")));

  @BeforeEach
  void folder() {
    folder = temporary.resolve("published");
  }

  @Test
  void aCorpusManifestComesBackAsItWent() throws IOException {
    var manifest = CorpusManifest.read(SmallCorpus.write(folder));
    publish(manifest::writeTo, "again");
    assertThat(CorpusManifest.read(temporary.resolve("again"))).isEqualTo(manifest);
    assertThat(manifest.shards("alpaca", "train")).hasSize(2);
    assertThat(manifest.sources().get(0).splits())
        .containsEntry("train", new SourceCounts.SplitCounts(20, 80, 60));
  }

  @Test
  void aLossReportComesBackAsItWent() throws IOException {
    publish(report::writeTo, "published");
    assertThat(LossReport.read(folder)).isEqualTo(report);
    assertThat(Files.readString(folder.resolve("documents.jsonl")))
        .isEqualTo(
            "{\"source\":\"wikipedia\",\"document\":\"dump#é\",\"tokens\":100,\"loss\":250.5,"
                + "\"every_second\":50,\"second_loss\":125.0}\n");
  }

  @Test
  void aSubsetComesBackAsItWent() {
    publish(subset::writeTo, "published");
    assertThat(SubsetManifest.read(folder)).isEqualTo(subset);
  }

  @Test
  void bucketsLieBesideTheSubsetThatWasDrawnByThem() {
    var buckets =
        new DocumentBuckets(
            List.of(
                new DocumentBuckets.Member("web", "web/a", "web/0"),
                new DocumentBuckets.Member("web", "web/b~1", "web/3")));
    publish(subset::writeTo, "published");
    assertThat(DocumentBuckets.in(PublishedDirectory.open(folder))).isEmpty();
    publish(
        output -> {
          subset.writeTo(output);
          buckets.writeTo(output);
        },
        "bucketed");
    assertThat(DocumentBuckets.in(PublishedDirectory.open(temporary.resolve("bucketed"))))
        .contains(buckets);
    assertThat(buckets.groups("web")).containsEntry("web/b~1", "web/3").hasSize(2);
  }

  @Test
  void aSubsetThatCountsOtherwiseThanItLists() throws IOException {
    publish(subset::writeTo, "published");
    edit(json -> ((ObjectNode) json.path("groups").path(0)).put("sequences", 3));
    assertThatThrownBy(() -> SubsetManifest.read(folder))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%s names 3 drawn sequences, but %s has 2 lines: copy the subset again",
            manifest(), folder.resolve("drawn.jsonl"));
  }

  @Test
  void aManifestOfSomethingElseIsNamed() {
    publish(report::writeTo, "published");
    assertThatThrownBy(() -> CorpusManifest.read(folder))
        .isInstanceOf(InputException.class)
        .hasMessage("%s is of a loss-report: give the folder of a corpus", manifest());
  }

  @Test
  void anUnknownVersionIsNamed() throws IOException {
    publish(report::writeTo, "published");
    edit(json -> json.put("version", 7));
    assertThatThrownBy(() -> LossReport.read(folder))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%s has version 7, but version 2 is what this program reads: make the loss-report"
                + " again",
            manifest());
  }

  @Test
  void aMissingFieldIsNamedWithItsPlace() throws IOException {
    publish(report::writeTo, "published");
    edit(json -> ((ObjectNode) json.path("sources").path(0)).remove("tokens"));
    assertThatThrownBy(() -> LossReport.read(folder))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(manifest() + ": sources[0].tokens: ")
        .hasMessageEndingWith(": make the loss-report again");
  }

  @Test
  void aShardOutsideTheFolderIsRefused() throws IOException {
    SmallCorpus.write(folder);
    edit(json -> ((ObjectNode) json.path("shards").path(0)).put("path", "../other.parquet"));
    assertThatThrownBy(() -> CorpusManifest.read(folder))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%s names the shard ../other.parquet, but one of source alpaca and split train lies at"
                + " sequences/source=alpaca/split=train/NAME.parquet: tokenize the corpus again",
            manifest());
  }

  @Test
  void aSummedLossThatIsNoNumberIsRefused() throws IOException {
    publish(report::writeTo, "published");
    edit(json -> ((ObjectNode) json.path("sources").path(0)).put("loss", "NaN"));
    assertThatThrownBy(() -> LossReport.read(folder))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%s: source wikipedia has 100 tokens with a summed loss of NaN: run perplexity again",
            manifest());
  }

  private Path manifest() {
    return folder.resolve("manifest.json");
  }

  private void publish(Consumer<Stage.Output> content, String name) {
    Stage.of("test", temporary.resolve(name), new NoSettings(), ManifestsTest.class)
        .run(content::accept);
  }

  private void edit(Consumer<ObjectNode> change) throws IOException {
    var mapper = new ObjectMapper();
    var json = (ObjectNode) mapper.readTree(Files.readString(manifest()));
    change.accept(json);
    json.remove("checksum"); // as if it had been published so
    Files.writeString(manifest(), mapper.writeValueAsString(json));
  }

  /** A changed digit would be another loss, or another row to learn from. */
  @Test
  void aListThatWasChangedIsRefused() throws IOException {
    publish(report::writeTo, "published");
    publish(subset::writeTo, "subset");
    requireRefused(folder.resolve("documents.jsonl"), () -> LossReport.read(folder));
    var drawn = temporary.resolve("subset/drawn.jsonl");
    requireRefused(drawn, () -> SubsetManifest.read(drawn.getParent()));
  }

  private static void requireRefused(Path file, ThrowingCallable reader) throws IOException {
    Files.writeString(file, Files.readString(file).replace("1", "7"));
    assertThatThrownBy(reader)
        .isInstanceOf(InputException.class)
        .hasMessage(
            file
                + " was changed after it was published (its SHA-256 is not the manifest's): run"
                + " test again");
  }
}
