package io.revfs;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The direction of packages, as docs/design.md draws it. */
@AnalyzeClasses(
    packages = "io.revfs",
    importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.NoTestKits.class})
class ArchitectureTest {
  /** The test kits of other modules: in a whole build they are jars. */
  static final class NoTestKits implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("-tests.jar");
    }
  }

  /** Areas, with all their subpackages. */
  @ArchTest
  static final ArchRule areasAreFreeOfCycles =
      slices().matching("io.revfs.(*)..").should().beFreeOfCycles();

  /** Each package by itself. */
  @ArchTest
  static final ArchRule packagesAreFreeOfCycles =
      slices().matching("io.revfs.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule systemCallsKnowNothingOfFuse =
      noClasses()
          .that()
          .resideInAPackage("io.revfs.posix..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.revfs.fuse..");

  @ArchTest
  static final ArchRule theCacheIsKnownByItsContract =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.revfs.cache.local..", "io.revfs.daemon..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.revfs.cache.local..");

  @ArchTest
  static final ArchRule storesAreChosenInOnePlace =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.revfs.remote..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.revfs.remote.azure..",
              "io.revfs.remote.directory..",
              "io.revfs.remote.drive..",
              "io.revfs.remote.gcs..",
              "io.revfs.remote.google..",
              "io.revfs.remote.hdfs..",
              "io.revfs.remote.s3..",
              "io.revfs.remote.vfs..",
              "io.revfs.remote.wrapper..");

  @ArchTest
  static final ArchRule fuseKnowsNothingOfTheDaemon =
      noClasses()
          .that()
          .resideInAPackage("io.revfs.fuse..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.revfs.object..",
              "io.revfs.cache..",
              "io.revfs.snapshot..",
              "io.revfs.tree..",
              "org.eclipse.jgit..");

  @ArchTest
  static final ArchRule formatsKnowOnlyObjects =
      noClasses()
          .that()
          .resideInAPackage("io.revfs.dvc..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.revfs.git..",
              "io.revfs.remote..",
              "io.revfs.cache..",
              "io.revfs.snapshot..",
              "io.revfs.repository..",
              "io.revfs.tree..",
              "io.revfs.index..",
              "io.revfs.fuse.jnr..");

  @ArchTest
  static final ArchRule remotesKnowKeysNotDigests =
      noClasses()
          .that()
          .resideInAPackage("io.revfs.remote..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.revfs.cache..", "io.revfs.dvc..", "io.revfs.index..")
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("io.revfs.object.Digest");

  @ArchTest
  static final ArchRule lmdbIsSeenOnlyByTheIndex =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.revfs.index..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.lmdbjava..");

  @ArchTest
  static final ArchRule jgitIsSeenOnlyByGit =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.revfs.git..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.eclipse.jgit..");

  @ArchTest
  static final ArchRule jnrIsSeenOnlyByItsBackend =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.revfs.fuse.jnr..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("ru.serce..", "jnr..");

  @ArchTest
  static final ArchRule nettyIsSeenOnlyByTheApiAndRemotes =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.revfs.api..", "io.revfs.remote..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.netty..");

  @ArchTest
  static final ArchRule vfsIsSeenOnlyByItsRemotes =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.revfs.remote.vfs..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.commons.vfs2..", "com.jcraft.jsch..");
}
