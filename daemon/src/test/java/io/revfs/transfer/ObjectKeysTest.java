package io.revfs.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ObjectKeysTest {
  private static ObjectKey key(Random random, int differentBytes) {
    Digest.Algorithm[] kinds = Digest.Algorithm.values();
    Digest.Algorithm kind = kinds[random.nextInt(random.nextInt(3) == 0 ? kinds.length : 1)];
    byte[] hash = new byte[kind.bytes()];
    for (int i = 0; i < differentBytes; i++) {
      hash[random.nextInt(2) == 0 ? i : hash.length - 1 - i] = (byte) random.nextInt(4);
    }
    return new ObjectKey(Digest.of(kind, hash), random.nextInt(5) == 0);
  }

  /** Few values, so that many are equal, and equal but for one byte. */
  @Test
  void theyAreAsASetOfKeysIs() {
    long seed = Long.getLong("revfs.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      int differentBytes = 1 + random.nextInt(6);
      List<ObjectKey> some = new ArrayList<>();
      for (int i = random.nextInt(200); i > 0; i--) {
        some.add(key(random, differentBytes));
      }
      Set<ObjectKey> model = new HashSet<>(some);
      ObjectKeys keys = ObjectKeys.of(some);
      String message = "seed " + seed;
      assertEquals(model, keys, message);
      assertEquals(model.size(), new ArrayList<>(keys).size(), message);
      for (int i = 0; i < keys.size(); i++) {
        assertEquals(i, keys.indexOf(keys.get(i)), message);
      }
      Set<ObjectKey> others = new HashSet<>();
      for (int i = 0; i < 50; i++) {
        ObjectKey other = key(random, differentBytes);
        assertEquals(model.contains(other), keys.contains(other), message);
        others.add(other);
      }
      assertEquals(
          ObjectKeys.of(others).without(keys), ObjectKeys.of(others).without(model), message);
      BitSet places = new BitSet();
      Set<ObjectKey> chosen = new HashSet<>();
      for (int i = 0; i < keys.size(); i++) {
        if (random.nextBoolean()) {
          places.set(i);
          chosen.add(keys.get(i));
        }
      }
      assertEquals(chosen, keys.only(places), message);
    }
  }

  @Test
  void thoseOfADirectory_followEachOther() {
    List<ObjectKey> some = new ArrayList<>();
    Random random = new Random(3);
    for (int i = 0; i < 5000; i++) {
      byte[] hash = new byte[16];
      random.nextBytes(hash);
      some.add(new ObjectKey(Digest.of(Digest.Algorithm.MD5, hash), i % 7 == 0));
    }
    Collections.sort(some, (one, other) -> one.digest().hex().compareTo(other.digest().hex()));
    List<ObjectKey> shuffled = new ArrayList<>(some);
    Collections.shuffle(shuffled, random);
    assertEquals(some, List.copyOf(new ArrayList<>(ObjectKeys.of(shuffled))));
  }

  @Test
  void none() {
    assertTrue(ObjectKeys.NONE.isEmpty());
    assertFalse(ObjectKeys.NONE.contains(key(new Random(1), 2)));
    assertEquals(ObjectKeys.NONE, ObjectKeys.of(List.of()));
  }
}
