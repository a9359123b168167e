package io.lorashear;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who may see DJL's engine, in either module. */
public final class EngineRules {
  @ArchTest
  public static final ArchRule onlyTorchSeesTheEngine =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.lorashear.torch..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.djl.pytorch..");

  /** So that what LORASHEAR_TORCH names is what runs, wherever a model is opened first. */
  @ArchTest
  public static final ArchRule onlyDeviceStartsTheEngine =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.lorashear.device..")
          .should()
          .callMethod(Engine.class, "getInstance")
          .orShould()
          .callMethod(Engine.class, "getEngine", String.class)
          .orShould()
          .callMethod(NDManager.class, "newBaseManager")
          .orShould()
          .callMethod(NDManager.class, "newBaseManager", Device.class)
          .orShould()
          .callMethod(NDManager.class, "newBaseManager", String.class);

  private EngineRules() {}
}
