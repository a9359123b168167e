package io.lorashear.spark.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lorashear.InputException;
import io.lorashear.checkpoint.OutputType;
import io.lorashear.recover.RecoverSettings;
import io.lorashear.settings.Overrides;
import io.lorashear.spark.perplexity.PerplexitySettings.Split;
import io.lorashear.train.TrainSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StageSettingsTest {
  private static final Path YAML = Path.of("../conf/pipeline/smollm2-135m.yaml");

  private static PipelineSettings line(String... overrides) {
    return new PipelineFile(YAML, Overrides.given(List.of(overrides))).load();
  }

  private static StageSettings stages(String... overrides) {
    return StageSettings.of(line(overrides));
  }

  @Test
  void roundsShareOneScheduleAndPublishApart() {
    var stages = stages("rounds=4", "work=w", "recover.train.from=0.1", "recover.train.to=0.9");
    double end = 0.1;
    for (int round = 0; round < 4; round++) {
      var recover = stages.recover(round, Path.of("model"), Path.of("subset"));
      assertThat(recover.train().from()).isCloseTo(end, within(1e-12));
      end = recover.train().to();
      assertThat(recover.output()).isEqualTo(Path.of("w/recovered/round-" + round));
      assertThat(recover.subset()).contains(Path.of("subset"));
      assertThat(recover.checkpoint()).isEqualTo(Path.of("model"));
      var whole = recover.train().with(TrainSettings::from).as(0.1);
      assertThat(whole.with(TrainSettings::to).as(0.9)).isEqualTo(stages.line().recover().train());
    }
    assertThat(end).isEqualTo(0.9);
    assertThat(stages.subset(0, Path.of("d"), Path.of("p"), Path.of("b")).previous()).isEmpty();
    var second = stages.subset(1, Path.of("d"), Path.of("p"), Path.of("b"));
    assertThat(second.previous()).contains(Path.of("w/subsets/round-0"));
    assertThat(List.of(second.dense(), second.pruned(), second.output()))
        .containsExactly(Path.of("d"), Path.of("p"), Path.of("w/subsets/round-1"));
  }

  @Test
  void onlyTheRuleThatReadsItHasTheLossesBeforeTheRound() {
    for (var rule : List.of("adaptive", "recovered")) {
      var stages = stages("work=w", "resample.rule=" + rule);
      var first = stages.subset(0, Path.of("d"), Path.of("p"), Path.of("b"));
      var second = stages.subset(1, Path.of("d"), Path.of("p"), Path.of("b"));
      assertThat(first.before()).isEmpty();
      assertThat(second.before())
          .isEqualTo(rule.equals("recovered") ? Optional.of(Path.of("b")) : Optional.empty());
    }
  }

  @Test
  void theCeilingHasTheSettingsOfThePrunedModelAndItsNumberType() {
    var stages = stages("work=w", "model=m", "prune.outputType=float32");
    var pruned = stages.recover(1, Path.of("p"), Path.of("s"));
    var next = stages.ceiling(pruned, "round-1");
    assertThat(next.output()).isEqualTo(Path.of("w/ceiling/round-1"));
    assertThat(next.with(RecoverSettings::output).as(pruned.output())).isEqualTo(pruned);
    var first = stages.ceiling(stages.recover(0, Path.of("m"), Path.of("s")), "round-0");
    assertThat(first.outputType()).isEqualTo(OutputType.FLOAT32);
    var written = stages("model=m", "prune.outputType=float32", "recover.outputType=bfloat16");
    assertThat(written.ceiling(written.recover(0, Path.of("m"), Path.of("s")), "x").outputType())
        .isEqualTo(OutputType.BFLOAT16);
  }

  @Test
  void theCeilingTeachesTheRoundItLearnt() {
    var weights = "recover.distillation.weight=0.7";
    var stages = stages("work=w", "model=m", "ceiling=true", "teacher=ceiling", weights);
    var recover = stages.recover(1, Path.of("p"), Path.of("s"));
    assertThat(recover.distillation().teacher()).isEmpty();
    var taught = stages.taught(recover, Path.of("w/ceiling/round-1"));
    assertThat(taught.distillation().checkpoint()).contains(Path.of("w/ceiling/round-1"));
    assertThat(taught.distillation().weight()).isEqualTo(0.7);
    assertThat(taught.distillation().top()).isEqualTo(32); // teacherTop
    assertThat(stages.ceiling(recover, "round-1").distillation().weight()).isZero();
    assertThat(stages.instruct(Path.of("p"), Path.of("s")).distillation().weight()).isZero();
  }

  @Test
  void aCeilingThatCannotTeachIsRefused() {
    assertThatThrownBy(() -> line("teacher=ceiling"))
        .hasMessageContaining(
            "teacher is ceiling, but there is none: set ceiling to true, or teacher to dense")
        .hasMessageContaining(
            "teacher is ceiling, but nothing is learnt from it: give recover.distillation.weight,"
                + " for example 0.7, or leave teacher out");
  }

  @Test
  void aTeacherSeesTheSubsetAloneHoweverLossesAreMeasured() {
    var stages =
        stages(
            "work=w",
            "recover.distillation.weight=0.5",
            "recover.train.isolateDocuments=true",
            "teacherTop=7",
            "perplexity.tokens=true",
            "perplexity.sources=[wikipedia]");
    var recover = stages.recover(1, Path.of("m"), Path.of("s"));
    var teacher = stages.teacher("round-1", Path.of("s"), recover);
    assertThat(teacher.output()).isEqualTo(Path.of("w/teachers/round-1"));
    assertThat(recover.distillation().teacher()).contains(teacher.output());
    assertThat(teacher.subset()).contains(Path.of("s"));
    assertThat(teacher.sources()).isEmpty();
    assertThat(teacher.tokens()).isFalse();
    assertThat(teacher.keepTop()).isEqualTo(7);
    assertThat(teacher.isolateDocuments()).isTrue();
    assertThat(stages.losses("dense", Path.of("m")).sources()).containsExactly("wikipedia");
    assertThat(stages().recover(0, Path.of("m"), Path.of("s")).distillation().teacher()).isEmpty();
  }

  @Test
  void bucketsArePartedByTrainingRowsAndInstructionsByResponses() {
    var stages = stages("work=w", "bucketRows=9", "instructions=[alpaca]");
    var texts = stages.trainingLosses("dense", Path.of("m"), List.of("gutenberg"));
    assertThat(texts.split()).isEqualTo(Split.TRAIN);
    assertThat(texts.rows()).isEqualTo(9);
    assertThat(texts.sources()).containsExactly("gutenberg");
    assertThat(texts.responses()).isFalse();
    assertThat(texts.output()).isEqualTo(Path.of("w/losses/dense-train"));
    var responses = stages.responseLosses("dense-instructions", Path.of("m"));
    assertThat(responses.responses()).isTrue();
    assertThat(responses.sources()).containsExactly("alpaca");
  }

  @Test
  void whatALateStageCouldNotTakeIsToldBeforeTheFirst() {
    assertThatThrownBy(() -> line("recover.sources=[wikipedia]", "instruct.sources=[alpaca]"))
        .isInstanceOf(InputException.class)
        .hasMessage(
            YAML
                + """
                 has 2 problems:
                  --set recover.sources=[wikipedia]  recover.sources and subset are both set: a subset says itself what is drawn
                  --set instruct.sources=[alpaca]    instruct.sources and subset are both set: a subset says itself what is drawn\
                """);
    assertThatThrownBy(
            () -> line("resample.by=bucket", "perplexity.subset=drawn", "perplexity.rows=5"))
        .hasMessageEndingWith(
            "perplexity.sources and subset are both set: a subset says itself which rows are"
                + " scored");
    assertThatThrownBy(() -> line("recover.subset=mine", "instruct.subset=mine"))
        .hasMessageContaining(
            "recover.subset is set, but a run draws what each stage learns from: take it out, or"
                + " run recover by itself")
        .hasMessageContaining("instruct.subset is set, but a run draws");
    assertThat(line("perplexity.subset=drawn", "resample.by=source", "instructSubset.by=source"))
        .extracting(line -> line.perplexity().subset())
        .isEqualTo(Optional.of(Path.of("drawn")));
  }
}
