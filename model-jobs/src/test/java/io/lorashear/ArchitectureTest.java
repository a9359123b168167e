package io.lorashear;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;
import com.tngtech.archunit.lang.ArchRule;
import io.lorashear.device.PyTorch;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.engine.TorchModule;

/** The arrows between rooms that must not be. */
@AnalyzeClasses(packages = "io.lorashear", importOptions = OnlyMain.class)
class ArchitectureTest {

  @ArchTest
  static final ArchRule noSparkOrHadoop =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.spark..", "org.apache.hadoop..");

  @ArchTest static final ArchTests engine = ArchTests.in(EngineRules.class);

  /** What a room depends on, by whatever way, does not depend on it. */
  @ArchTest
  static final ArchRule roomsAreFreeOfCycles =
      slices().matching("io.lorashear.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule formsOfCheckpointsAreFreeOfCycles =
      slices().matching("io.lorashear.checkpoint.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule partsOfGgufAreFreeOfCycles =
      slices().matching("io.lorashear.checkpoint.gguf.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule plainRoomsSeeNoDjl =
      noClasses()
          .that()
          .resideInAnyPackage(
              "io.lorashear.graph..",
              "io.lorashear.family..",
              "io.lorashear.dependency..",
              "io.lorashear.checkpoint..",
              "io.lorashear.export..",
              "io.lorashear.corpus..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.djl..");

  @ArchTest
  static final ArchRule torchDoesNotSeeDependency =
      noClasses()
          .that()
          .resideInAPackage("io.lorashear.torch..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.lorashear.dependency..");

  /** Words, texts, runs: none knows what is made of it. */
  @ArchTest
  static final ArchRule roomsOfTorchAreInOrder =
      layeredArchitecture()
          .consideringOnlyDependenciesInAnyPackage("io.lorashear.torch..")
          .layer("model")
          .definedBy("io.lorashear.torch")
          .layer("kernel")
          .definedBy("io.lorashear.torch.kernel")
          .layer("engine")
          .definedBy("io.lorashear.torch.engine")
          .layer("compile")
          .definedBy("io.lorashear.torch.compile")
          .layer("script")
          .definedBy("io.lorashear.torch.script")
          .whereLayer("model")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("kernel")
          .mayOnlyBeAccessedByLayers("model")
          .whereLayer("compile")
          .mayOnlyBeAccessedByLayers("model")
          .whereLayer("engine")
          .mayOnlyBeAccessedByLayers("model", "kernel")
          .whereLayer("script")
          .mayOnlyBeAccessedByLayers("model", "compile", "engine");

  /**
   * Whatever is copied between Java and a device is counted. Apart: a check of a file of others by
   * DJL alone, and the product by which a GPU is tried.
   */
  @ArchTest
  static final ArchRule onlyHostArraysCopies =
      noClasses()
          .that()
          .doNotBelongToAnyOf(HostArrays.class, TorchModule.class, PyTorch.class)
          .and()
          .doNotHaveSimpleName("ScriptRun")
          .should()
          .callMethodWhere(
              describe(
                  "makes an array of Java's numbers, or numbers of an array",
                  ArchitectureTest::copies));

  private static boolean copies(JavaMethodCall call) {
    var parameters = call.getTarget().getRawParameterTypes();
    var name = call.getTarget().getName();
    if (call.getTargetOwner().isAssignableTo(NDManager.class)) {
      return name.equals("create") && !parameters.get(0).isEquivalentTo(Shape.class);
    }
    if (!call.getTargetOwner().isAssignableTo(NDArray.class)) {
      return false;
    }
    return name.matches("to(Byte|Uint8|Int|Long|Float|Double|Boolean)?(Array|ByteBuffer)")
        || name.matches("get(Byte|Uint8|Int|Long|Float|Double|Boolean)")
        || (name.equals("set") && !parameters.get(0).isEquivalentTo(NDIndex.class))
        || parameters.stream().anyMatch(type -> type.isEquivalentTo(Number.class));
  }

  @ArchTest
  static final ArchRule textIsWrittenWithoutAnEngine =
      noClasses()
          .that()
          .resideInAnyPackage("io.lorashear.torch.script..", "io.lorashear.torch.compile..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.djl..");

  @ArchTest
  static final ArchRule dependencyDoesNotSeeTorch =
      noClasses()
          .that()
          .resideInAPackage("io.lorashear.dependency..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.lorashear.torch..");

  @ArchTest
  static final ArchRule methodsKnowNoFamily =
      noClasses()
          .that()
          .resideInAnyPackage(
              "io.lorashear.lora..",
              "io.lorashear.rank..",
              "io.lorashear.saliency..",
              "io.lorashear.optim..",
              "io.lorashear.gate..",
              "io.lorashear.shape..",
              "io.lorashear.depth..",
              "io.lorashear.allocate..",
              "io.lorashear.compress..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.lorashear.family..");

  @ArchTest
  static final ArchRule shapesNeedNoWeights =
      noClasses()
          .that()
          .resideInAPackage("io.lorashear.shape..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "ai.djl..",
              "io.lorashear.saliency..",
              "io.lorashear.optim..",
              "io.lorashear.torch..");

  @ArchTest
  static final ArchRule policyKnowsNoMethod =
      noClasses()
          .that()
          .resideInAPackage("io.lorashear.policy..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("ai.djl..", "io.lorashear.method..", "io.lorashear.prune..");

  @ArchTest
  static final ArchRule methodsKnowNoStage =
      noClasses()
          .that()
          .resideInAPackage("io.lorashear.method..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.lorashear.prune..", "io.lorashear.recover..");

  @ArchTest
  static final ArchRule trainingKnowsNoPruning =
      noClasses()
          .that()
          .resideInAPackage("io.lorashear.train..")
          .should()
          .dependOnClassesThat(
              resideInAnyPackage("io.lorashear.recover..", "io.lorashear.compress..")
                  .or(nameMatching("io\\.lorashear\\.optim\\.(Lhspg|HalfSpace).*")));

  /** Figures of tokens are had without knowing what they are for. */
  @ArchTest
  static final ArchRule scoringKnowsNoTask =
      classes()
          .that()
          .resideInAPackage("io.lorashear.score..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "io.lorashear",
              "io.lorashear.score..",
              "io.lorashear.torch..",
              "io.lorashear.corpus..",
              "io.lorashear.graph..",
              "io.lorashear.tokenizer..",
              "io.lorashear.checkpoint..",
              "io.lorashear.family..",
              "ai.djl..",
              "java..",
              "org.jspecify..");

  /** A plan is made before anything runs: it computes from a graph, and measures nothing. */
  @ArchTest
  static final ArchRule plansMeasureNothing =
      noClasses()
          .that()
          .resideInAPackage("io.lorashear.plan..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("ai.djl..", "io.lorashear.bench..");

  @ArchTest
  static final ArchRule benchesPlanNothing =
      noClasses()
          .that()
          .resideInAPackage("io.lorashear.bench..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.lorashear.plan..");

  @ArchTest
  static final ArchRule nobodyKnowsTheCommands =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.lorashear.cli..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.lorashear.cli..");
}
