package io.lorashear.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestsTest {

  @TempDir Path folder;

  private final LossReport report =
      new LossReport(
          "model",
          "corpus",
          "validation",
          8,
          3,
          List.of(new LossReport.SourceLoss("wikipedia", 8, 100, 250.5)),
          List.of(new LossReport.DocumentLoss("wikipedia", "dump#é", 100, 250.5)));

  private final SubsetManifest subset =
      new SubsetManifest(
          "corpus",
          "train",
          3,
          1,
          1024,
          List.of(new SubsetManifest.SourceDraw("wikipedia", 0.5, 1, 2, 0, "ff")),
          List.of("a", "b"),
          List.of(
              new SubsetManifest.Drawn("wikipedia/train/0/1", "x.parquet", 1),
              new SubsetManifest.Drawn("wikipedia/train/0/0", "x.parquet", 0)));

  @Test
  void aCorpusManifestComesBackAsItWent() throws IOException {
    SmallCorpus.write(folder);
    var manifest = CorpusManifest.read(folder);
    write(manifest.json());
    assertThat(CorpusManifest.read(folder)).isEqualTo(manifest);
    assertThat(manifest.shards("alpaca", "train")).hasSize(2);
    assertThat(manifest.sources().get(0).splits().get("train").lossTokens()).isEqualTo(60);
  }

  @Test
  void aLossReportComesBackAsItWent() throws IOException {
    write(report.json());
    report.writeDocuments(folder);
    assertThat(LossReport.read(folder)).isEqualTo(report);
    assertThat(Files.readString(folder.resolve("documents.jsonl")))
        .isEqualTo(
            "{\"source\":\"wikipedia\",\"document\":\"dump#é\",\"tokens\":100,\"loss\":250.5}\n");
  }

  @Test
  void aSubsetComesBackAsItWent() throws IOException {
    write(subset.json());
    subset.writeDrawn(folder);
    assertThat(SubsetManifest.read(folder)).isEqualTo(subset);
  }

  @Test
  void aSubsetThatLostItsTailIsRefused() throws IOException {
    write(subset.json());
    subset.writeDrawn(folder);
    var drawn = folder.resolve("drawn.jsonl");
    Files.write(drawn, Files.readAllLines(drawn).subList(0, 1));
    assertThatThrownBy(() -> SubsetManifest.read(folder))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%s names 2 drawn sequences, but %s has 1 lines: copy the subset again",
            manifest(), drawn);
  }

  @Test
  void aManifestOfSomethingElseIsNamed() throws IOException {
    write(report.json());
    assertThatThrownBy(() -> CorpusManifest.read(folder))
        .isInstanceOf(InputException.class)
        .hasMessage("%s is of a loss-report: give the folder of a corpus", manifest());
  }

  @Test
  void anUnknownVersionIsNamed() throws IOException {
    write(report.json().put("version", 7));
    assertThatThrownBy(() -> LossReport.read(folder))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%s has version 7, but version 1 is what this program reads: make the loss-report"
                + " again",
            manifest());
  }

  @Test
  void aMissingFieldIsNamedWithItsPlace() throws IOException {
    var json = report.json();
    ((ObjectNode) json.path("sources").path(0)).remove("tokens");
    write(json);
    report.writeDocuments(folder);
    assertThatThrownBy(() -> LossReport.read(folder))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(manifest() + ": sources[0].tokens: ")
        .hasMessageEndingWith(": make the loss-report again");
  }

  @Test
  void aShardOutsideTheFolderIsRefused() throws IOException {
    SmallCorpus.write(folder);
    var json = CorpusManifest.read(folder).json();
    ((ObjectNode) json.path("shards").path(0)).put("path", "../other.parquet");
    write(json);
    assertThatThrownBy(() -> CorpusManifest.read(folder))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%s names the shard ../other.parquet, but one of source alpaca and split train lies at"
                + " sequences/source=alpaca/split=train/NAME.parquet: tokenize the corpus again",
            manifest());
  }

  @Test
  void aFolderWithoutManifestIsNamed() {
    assertThatThrownBy(() -> LossReport.read(folder))
        .isInstanceOf(InputException.class)
        .hasMessage("%s: no such file; give the folder of a published loss-report", manifest());
  }

  @Test
  void halfAManifestIsNamedWithTheLine() throws IOException {
    Files.writeString(manifest(), "{\n\"kind\": \"loss-rep");
    assertThatThrownBy(() -> LossReport.read(folder))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(manifest() + " is not whole JSON (")
        .hasMessageEndingWith(", line 2): make the loss-report again");
  }

  private Path manifest() {
    return folder.resolve("manifest.json");
  }

  private void write(ObjectNode json) throws IOException {
    Files.writeString(manifest(), ManifestJson.text(json));
  }
}
