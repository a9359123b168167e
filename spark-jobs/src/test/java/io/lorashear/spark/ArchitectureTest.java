package io.lorashear.spark;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;
import com.tngtech.archunit.lang.ArchRule;
import io.lorashear.EngineRules;
import io.lorashear.OnlyMain;

/** The arrows between rooms that must not be, on the Spark side. */
@AnalyzeClasses(packages = "io.lorashear", importOptions = OnlyMain.class)
class ArchitectureTest {

  @ArchTest static final ArchTests engine = ArchTests.in(EngineRules.class);

  /** What a room depends on, by whatever way, does not depend on it. */
  @ArchTest
  static final ArchRule roomsAreFreeOfCycles =
      slices().matching("io.lorashear.spark.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule formsOfSourcesAreFreeOfCycles =
      slices().matching("io.lorashear.spark.source.(*)..").should().beFreeOfCycles();

  /** Weights and draws are mathematics: they can be read and tested without a cluster. */
  @ArchTest
  static final ArchRule selectionKnowsNoSpark =
      noClasses()
          .that()
          .resideInAPackage("io.lorashear.spark.select..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.spark..", "org.apache.hadoop..", "scala..");

  @ArchTest
  static final ArchRule theModelSideKnowsNoSpark =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.lorashear.spark..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.lorashear.spark..", "org.apache.spark..", "org.apache.hadoop..");

  @ArchTest
  static final ArchRule nobodyKnowsTheCommands =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.lorashear.cli..", "io.lorashear.spark.job..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.lorashear.cli..", "io.lorashear.spark.job..");

  @ArchTest
  static final ArchRule theModelSidesCommandsKnowNoJob =
      noClasses()
          .that()
          .resideInAPackage("io.lorashear.cli..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.lorashear.spark..");

  /** Corpora are made before anybody knows of a model's graph. */
  @ArchTest
  static final ArchRule corporaKnowNoPruning =
      noClasses()
          .that()
          .resideInAnyPackage(
              "io.lorashear.spark.source..",
              "io.lorashear.spark.clean..",
              "io.lorashear.spark.dedup..",
              "io.lorashear.spark.decontaminate..",
              "io.lorashear.spark.overlap..",
              "io.lorashear.spark.ingest..",
              "io.lorashear.spark.tokenize..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.lorashear.graph..",
              "io.lorashear.torch..",
              "io.lorashear.optim..",
              "io.lorashear.method..",
              "io.lorashear.prune..",
              "io.lorashear.recover..");

  /**
   * What two texts share is asked by deduplication, decontamination and the split; it asks none.
   */
  @ArchTest
  static final ArchRule overlapKnowsNobody =
      noClasses()
          .that()
          .resideInAPackage("io.lorashear.spark.overlap..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.lorashear.spark.dedup..",
              "io.lorashear.spark.decontaminate..",
              "io.lorashear.spark.clean..",
              "io.lorashear.spark.ingest..",
              "io.lorashear.spark.source..",
              "io.lorashear.spark.tokenize..");

  /** Stages are called by the line, and call none of it. */
  @ArchTest
  static final ArchRule onlyCommandsCallTheLine =
      classes()
          .that()
          .resideInAPackage("io.lorashear.spark.pipeline..")
          .should()
          .onlyBeAccessed()
          .byAnyPackage(
              "io.lorashear.spark.pipeline..",
              "io.lorashear.spark.schedule..",
              "io.lorashear.spark.job..");

  @ArchTest
  static final ArchRule onlyCommandsCallTheSchedule =
      classes()
          .that()
          .resideInAPackage("io.lorashear.spark.schedule..")
          .should()
          .onlyBeAccessed()
          .byAnyPackage("io.lorashear.spark.schedule..", "io.lorashear.spark.job..");
}
