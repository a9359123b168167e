package io.lorashear.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.corpus.SmallCorpus;
import io.lorashear.method.PruneSettings;
import io.lorashear.recover.RecoverSettings;
import io.lorashear.recover.RecoverStage;
import io.lorashear.run.Progress;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.score.Scorer;
import io.lorashear.settings.Settings;
import io.lorashear.tokenizer.Tokenizer;
import io.lorashear.vocabulary.TextModel;
import io.lorashear.vocabulary.VocabularyMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VocabularyPruningTest {
  private static final int PADDING = 3;

  @TempDir Path folder;

  private PruneSettings settings(String... more) {
    var values =
        new ArrayList<>(
            List.of(
                "checkpoint=" + folder.resolve("dense"),
                "corpus=" + folder.resolve("corpus"),
                "output=" + folder.resolve("pruned"),
                "vocabulary.enabled=true",
                "vocabulary.tokens=0.05",
                "ratio=0.3",
                "cap=1",
                "rows=4",
                "lora.rank=2",
                "train.rows=2"));
    values.addAll(List.of(more));
    return Settings.defaults(PruneSettings.class, values);
  }

  private PublishedDirectory prune(String... more) {
    return PruneStage.run(settings(more), false, Device.cpu(), Progress.silent());
  }

  private static ObjectNode report(PublishedDirectory pruned) {
    return JsonFile.read(pruned.file(PruneStage.REPORT));
  }

  /** One of every kind of frame: trained by pairs and by masks, scored, by layers, by blocks. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "lhspg.warmupSteps=2 lhspg.periods=2 lhspg.stepsPerPeriod=3 method=lhspg",
        "loraPrune.steps=20 method=lora-prune",
        "ddp.steps=4 method=ddp",
        "method=fisher",
        "method=flap",
        "method=depth depth.rest=width"
      })
  void everyMethodPrunesWhatTheTokensLeave(String given) throws IOException {
    TextModel.write(folder, true, PADDING);
    var more = new ArrayList<>(List.of(given.split(" ")));
    more.add("ratio=0.2");
    var pruned = prune(more.toArray(String[]::new));
    var report = report(pruned);
    long before = report.path("parametersBefore").asLong();
    long after = report.path("parametersAfter").asLong();
    assertThat((double) (before - after) / before).isCloseTo(0.2, within(0.03));
    var gone = report.path("vocabulary");
    int rows = gone.path("rowsBefore").asInt() - gone.path("rowsAfter").asInt();
    assertThat(gone.path("parametersRemoved").asLong()).isEqualTo(rows * 16L);
    assertThat(gone.path("tokensRemoved").asInt()).isEqualTo(rows - PADDING).isPositive();
    try (var checkpoint = Checkpoint.open(pruned.directory())) {
      assertThat(checkpoint.graph().parameterCount()).isEqualTo(after);
      assertThat(checkpoint.config().vocabularySize()).isEqualTo(gone.path("rowsAfter").asInt());
    }
  }

  /** Where the tokens have as many parameters as the ratio, the published model differs in them. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void tokensAloneLeaveTheLossesOfOtherTexts(boolean tied) throws IOException {
    TextModel.write(folder, tied, PADDING);
    var pruned = prune("ratio=0.05", "vocabulary.tokens=0.9");
    var report = report(pruned);
    assertThat(report.path("run").path("notes").path(0).asText())
        .isEqualTo(
            "the tokens alone have as many parameters as the ratio removes: the body is whole");
    assertThat(report.path("groupsRemoved").asInt()).isZero();
    var text = " the sun and the sea";
    try (var dense = Checkpoint.open(folder.resolve("dense"));
        var small = Checkpoint.open(pruned.directory());
        var before = Tokenizer.open(dense.tokenizer());
        var after = Tokenizer.open(small.tokenizer());
        var whole = Scorer.open(dense, Device.cpu());
        var cut = Scorer.open(small, Device.cpu())) {
      var map = VocabularyMap.of(small).orElseThrow();
      var ids = before.encode(text);
      assertThat(after.encode(text)).isEqualTo(map.after(ids)).hasSameSizeAs(ids);
      assertThat(small.config().vocabularySize()).isEqualTo(after.size());
      var generation = JsonFile.read(pruned.file("generation_config.json"));
      assertThat(generation.path("suppress_tokens").path(0).asInt()).isEqualTo(map.after(300)[0]);
      // fewer tokens share the probability: each loss falls by as much as they had
      var lost = cut.tokenLosses(List.of(map.after(ids)))[0];
      var kept = whole.tokenLosses(List.of(ids))[0];
      for (int t = 0; t < lost.length; t++) {
        assertThat(lost[t]).isLessThan(kept[t]).isGreaterThan(kept[t] - 0.5);
      }
    }
  }

  @Test
  void aTextWithRemovedTokensIsSpelledAsItsTokenizerDoes() throws IOException {
    TextModel.write(folder, true, 0);
    var pruned = prune();
    try (var dense = Checkpoint.open(folder.resolve("dense"));
        var small = Checkpoint.open(pruned.directory());
        var before = Tokenizer.open(dense.tokenizer());
        var after = Tokenizer.open(small.tokenizer())) {
      var map = VocabularyMap.of(small).orElseThrow();
      var text = TextModel.text(new Random(5), 400);
      var ids = before.encode(text);
      assertThat(map.after(ids).length).isGreaterThan(ids.length);
      assertThat(after.decode(map.after(ids))).isEqualTo(text);
      assertThat(map.after(ids)).isEqualTo(after.encode(text));
    }
  }

  @Test
  void theReportCountsWhatTheCorpusLost() throws IOException {
    TextModel.write(folder, true, 0);
    var pruned = prune();
    var gone = report(pruned).path("vocabulary");
    long all = 0;
    long held = 0;
    long longer = 0;
    try (var small = Checkpoint.open(pruned.directory())) {
      var map = VocabularyMap.of(small).orElseThrow();
      var reader = SequenceReader.open(folder.resolve("corpus"));
      for (var source : List.of("alpaca", "wikipedia")) {
        try (var rows = reader.read(source, Sequence.TRAIN)) {
          while (rows.hasNext()) {
            var ids = rows.next().inputIds();
            all += ids.length;
            held += Arrays.stream(ids).filter(map.parts()::containsKey).count();
            longer += map.after(ids).length - ids.length;
          }
        }
      }
    }
    assertThat(gone.path("shareOfCorpus").asDouble())
        .isEqualTo((double) held / all)
        .isBetween(0.0, 0.05);
    assertThat(gone.path("longerBy").asDouble()).isEqualTo((double) longer / all).isPositive();
  }

  @Test
  void theReportSaysWhatTextCostsThatWasNotCounted() throws IOException {
    TextModel.write(folder, true, 0);
    var pruned = prune();
    double sum = 0;
    int sources = 0;
    try (var small = Checkpoint.open(pruned.directory())) {
      var map = VocabularyMap.of(small).orElseThrow();
      var reader = SequenceReader.open(folder.resolve("corpus"));
      for (var source : reader.manifest().sourceNames()) {
        if (!reader.manifest().shards(source, Sequence.VALIDATION).isEmpty()) {
          long all = 0;
          long held = 0;
          try (var rows = reader.read(source, Sequence.VALIDATION)) {
            while (rows.hasNext()) {
              var row = rows.next();
              var ids = Arrays.copyOf(row.inputIds(), row.tokens());
              all += ids.length;
              held += Arrays.stream(ids).filter(map.parts()::containsKey).count();
            }
          }
          sum += (double) held / all;
          sources++;
        }
      }
    }
    assertThat(sources).isPositive();
    assertThat(report(pruned).path("vocabulary").path("shareOfValidation").asDouble())
        .isCloseTo(sum / sources, within(1e-12));
  }

  @Test
  void recoveryReadsTheCorpusOfTheTokenizerBefore() throws IOException {
    TextModel.write(folder, true, 0);
    prune("method=magnitude");
    var recovered = recover();
    var losses = RecoverStage.losses(recovered);
    assertThat(losses.get(1).mean()).isLessThanOrEqualTo(losses.get(0).mean());
    try (var checkpoint = Checkpoint.open(recovered.directory())) {
      assertThat(VocabularyMap.of(checkpoint)).isPresent();
    }
    assertThatThrownBy(() -> recover("corpus=" + SmallCorpus.write(folder.resolve("other"))))
        .hasMessage(
            "%s was tokenized neither with the tokenizer in %s nor with the one that the model had"
                    .formatted(folder.resolve("other"), folder.resolve("pruned"))
                + " before it lost tokens: tokenize it with one of the two, or with the second and"
                + " then retokenize it");
  }

  private PublishedDirectory recover(String... more) {
    var values =
        new ArrayList<>(
            List.of(
                "checkpoint=" + folder.resolve("pruned"),
                "corpus=" + folder.resolve("corpus"),
                "output=" + folder.resolve("recovered"),
                "rows=6",
                "validationRows=2",
                "lora.rank=2"));
    values.addAll(List.of(more));
    var settings = Settings.defaults(RecoverSettings.class, values);
    return RecoverStage.run(settings, true, Device.cpu(), Progress.silent());
  }

  @Test
  void theSameSettingsGiveTheSameBytes() throws IOException {
    TextModel.write(folder, false, PADDING);
    var first = prune("method=fisher", "ratio=0.15");
    var second = prune("method=fisher", "ratio=0.15", "output=" + folder.resolve("again"));
    assertThat(second.manifest().path("files")).isEqualTo(first.manifest().path("files"));
  }

  @Test
  void whatCannotBeIsRefused() throws IOException {
    TextModel.write(folder, true, PADDING);
    prune("method=magnitude");
    assertThatThrownBy(
            () ->
                prune(
                    "checkpoint=" + folder.resolve("pruned"), "output=" + folder.resolve("again")))
        .hasMessage(
            "vocabulary.enabled is true, but %s already lost tokens: prune the model it was made"
                    .formatted(folder.resolve("pruned"))
                + " from, or set it to false");
    assertThatThrownBy(() -> prune("ratio=0.003", "output=" + folder.resolve("little")))
        .hasMessage(
            "3 rows of the embedding belong to no token, which is more than the 1 that the ratio"
                + " 0.003 removes: raise the ratio, or set vocabulary.enabled to false");
    assertThatThrownBy(
            () ->
                prune(
                    "method=magnitude",
                    "protect=[layers.0.mlp.channels,layers.1.mlp.channels]",
                    "ratio=0.5",
                    "output=" + folder.resolve("much")))
        .hasMessageMatching(
            "tokens give [\\d,]+ parameters of what is to go, and the rest cannot be had from the"
                + " body: ratio is 0\\.\\d+ of \\d+ parameters, but the 2 axes .*");
    assertThatThrownBy(() -> settings("vocabulary.tokens=1"))
        .hasMessageContaining(
            "vocabulary.tokens is 1.0: give the share of the corpus's tokens that removed ones may"
                + " hold, from 0 to below 1, for example 0.0015");
  }
}
