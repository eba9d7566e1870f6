package io.revfs.experiment;

import java.util.List;
import java.util.Random;
import java.util.function.Predicate;

/** Names for experiments that nobody named: two words, which people remember better than digits. */
public final class ExperimentNames {
  private static final List<String> FIRST =
      words(
          "agile amber ample arctic azure balmy bold brave breezy brisk bronze calm candid cheery"
              + " chilly civil clear clever copper cosmic cozy crisp dainty daring deft dewy eager"
              + " early easy fabled fair fancy fiery fleet fond frank fresh frosty gentle giant"
              + " glad golden grand green hardy hasty hazy hearty humble icy ideal ivory jolly keen"
              + " kind lively lofty loyal lucky lunar lush mellow merry mild misty modest neat"
              + " nimble noble novel olive opal patient pearly placid plucky polar polite prime"
              + " proud quick quiet rapid ready regal robust rosy rugged rustic sandy serene sharp"
              + " shiny silent silver sleek smooth snowy solar solid stable starry steady sturdy"
              + " sunny swift tender tidy tranquil true upbeat valiant vast velvet vivid warm wise"
              + " witty young zesty");
  private static final List<String> SECOND =
      words(
          "acorn anchor apple arrow aspen badger banjo basin beacon beech birch bison breeze bridge"
              + " brook canoe canyon cedar cliff clover comet coral cove crane creek dawn delta"
              + " dune eagle elm ember falcon fern field finch fjord flame forest fox garden geyser"
              + " glacier glade grove gull harbor hare hawk heron hill island ivy jade kelp kestrel"
              + " lagoon lake lantern larch lark laurel leaf lily linden lotus lynx maple marsh"
              + " meadow mesa moon moss oak oasis ocean orchid osprey otter owl panda pebble petal"
              + " pine plover pond poplar prairie puffin quartz rain raven reed reef ridge river"
              + " robin rose sail shell shore sky sparrow spring spruce star stone storm stream"
              + " swan thistle tide trail tulip valley violet wave willow wind wolf wren zephyr");

  private ExperimentNames() {}

  private static List<String> words(String all) {
    return List.of(all.split(" "));
  }

  /**
   * Returns a name.
   *
   * @param taken whether an experiment has a name already
   */
  public static String next(Random random, Predicate<String> taken) {
    while (true) {
      String name = pick(FIRST, random) + "-" + pick(SECOND, random);
      if (!taken.test(name)) {
        return name;
      }
      int number = random.nextInt(10, 10_000); // there are as many pairs as people try in a month
      if (!taken.test(name + "-" + number)) {
        return name + "-" + number;
      }
    }
  }

  private static String pick(List<String> words, Random random) {
    return words.get(random.nextInt(words.size()));
  }
}
