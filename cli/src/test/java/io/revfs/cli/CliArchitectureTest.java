package io.revfs.cli;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.revfs.fuse.MountTable;
import io.revfs.fuse.overlay.ImageOverlay;
import io.revfs.remote.Redaction;

/** The command knows no stores, remotes or FUSE: of the daemon only where its files are. */
@AnalyzeClasses(packages = "io.revfs.cli", importOptions = ImportOption.DoNotIncludeTests.class)
class CliArchitectureTest {
  @ArchTest
  static final ArchRule onlyTheConfigurationPackageIsUsed =
      noClasses()
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(
                      "io.revfs.api..",
                      "io.revfs.cache..",
                      "io.revfs.daemon..",
                      "io.revfs.dvc..",
                      "io.revfs.fuse..",
                      "io.revfs.git..",
                      "io.revfs.index..",
                      "io.revfs.mount..",
                      "io.revfs.object..",
                      "io.revfs.origin..",
                      "io.revfs.remote..",
                      "io.revfs.snapshot..")
                  .and(not(type(MountTable.class))) // unmounting by force needs no daemon
                  .and(not(type(ImageOverlay.class))) // doctor asks what this kernel lacks
                  .and(not(type(Redaction.class)))); // passwords are hidden in one way
}
