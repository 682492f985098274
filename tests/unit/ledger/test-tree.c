/* SPDX-License-Identifier: MIT */
/* The Merkle tree against the published test vectors of RFC 6962 implementations (the eight leaves,
 * roots, paths and proofs of Google's certificate-transparency and transparency-dev/merkle), and
 * against the RFC's recursive definition, written down here once more. */

#include "slip-ledger-tree.h"

#include <string.h>

typedef struct
{
  const char *hex;
} Leaf;

static const Leaf leaves[8] = {
    {""},
    {"00"},
    {"10"},
    {"2021"},
    {"3031"},
    {"40414243"},
    {"5051525354555657"},
    {"606162636465666768696a6b6c6d6e6f"},
};

static const char *const roots[9] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

typedef struct
{
  SlipTreeFrontier frontier;
  GArray *nodes[SLIP_TREE_MAX_LEVELS]; /* element-type SlipTreeHash */
  GArray *hashes;                      /* element-type SlipTreeHash; leaves */
} Tree;

static void
tree_init (Tree *tree)
{
  memset (tree, 0, sizeof *tree);
  for (guint i = 0; i < SLIP_TREE_MAX_LEVELS; i++)
    tree->nodes[i] = g_array_new (FALSE, FALSE, sizeof (SlipTreeHash));
  tree->hashes = g_array_new (FALSE, FALSE, sizeof (SlipTreeHash));
}

static void
tree_clear (Tree *tree)
{
  for (guint i = 0; i < SLIP_TREE_MAX_LEVELS; i++)
    g_array_unref (tree->nodes[i]);
  g_array_unref (tree->hashes);
}

static void
tree_add (Tree *tree, const void *data, gsize length)
{
  SlipTreeHash completed[SLIP_TREE_MAX_LEVELS];
  SlipTreeHash leaf;
  guint n;

  slip_tree_leaf (data, length, &leaf);
  g_array_append_val (tree->hashes, leaf);
  n = slip_tree_append (&tree->frontier, &leaf, completed);
  g_assert_cmpuint (n, ==, slip_tree_completed (tree->frontier.size - 1));
  for (guint i = 0; i < n; i++)
    g_array_append_val (tree->nodes[i], completed[i]);
}

static gboolean
look_up (guint level, guint64 index, SlipTreeHash *hash, gpointer data, GError **error)
{
  Tree *tree = data;

  g_assert_cmpuint (index, <, tree->nodes[level]->len);
  *hash = g_array_index (tree->nodes[level], SlipTreeHash, index);
  return TRUE;
}

static guint8 *
from_hex (const char *hex, gsize *length)
{
  guint8 *bytes = g_malloc (strlen (hex) / 2 + 1);

  *length = strlen (hex) / 2;
  for (gsize i = 0; i < *length; i++)
    bytes[i]
        = (guint8)(g_ascii_xdigit_value (hex[2 * i]) << 4 | g_ascii_xdigit_value (hex[2 * i + 1]));
  return bytes;
}

static char *
to_hex (const guint8 *bytes, gsize length)
{
  GString *hex = g_string_new (NULL);

  for (gsize i = 0; i < length; i++)
    g_string_append_printf (hex, "%02x", bytes[i]);
  return g_string_free (hex, FALSE);
}

static void
add_vectors (Tree *tree, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      gsize length;
      g_autofree guint8 *data = from_hex (leaves[i].hex, &length);

      tree_add (tree, data, length);
    }
}

static void
test_roots (void)
{
  for (guint n = 0; n <= 8; n++)
    {
      g_autofree char *hex = NULL;
      SlipTreeHash root;
      Tree tree;

      tree_init (&tree);
      add_vectors (&tree, n);
      slip_tree_root (&tree.frontier, &root);
      hex = to_hex (root.bytes, sizeof root.bytes);
      g_assert_cmpstr (hex, ==, roots[n]);
      tree_clear (&tree);
    }
}

/* Leaf counted from 1, as the published vectors do. */
static void
test_paths (void)
{
  static const struct
  {
    guint leaf;
    guint size;
    const char *path;
  } vectors[] = {
      {1, 1, ""},
      {1, 8,
       "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
       "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
       "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"},
      {6, 8,
       "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
       "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
       "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
      {3, 3, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
      {2, 5,
       "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
       "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
       "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (vectors); i++)
    {
      g_autoptr (GByteArray) path = NULL;
      g_autofree char *hex = NULL;
      Tree tree;

      tree_init (&tree);
      add_vectors (&tree, 8);
      path = slip_tree_inclusion (vectors[i].leaf - 1, vectors[i].size, look_up, &tree, NULL);
      hex = to_hex (path->data, path->len);
      g_assert_cmpstr (hex, ==, vectors[i].path);
      tree_clear (&tree);
    }
}

static void
test_consistency (void)
{
  static const struct
  {
    guint first;
    guint second;
    const char *proof;
  } vectors[] = {
      {1, 1, ""},
      {1, 8,
       "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
       "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
       "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"},
      {6, 8,
       "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
       "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
       "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
      {2, 5,
       "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
       "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (vectors); i++)
    {
      g_autoptr (GByteArray) proof = NULL;
      g_autofree char *hex = NULL;
      Tree tree;

      tree_init (&tree);
      add_vectors (&tree, 8);
      proof = slip_tree_consistency (vectors[i].first, vectors[i].second, look_up, &tree, NULL);
      hex = to_hex (proof->data, proof->len);
      g_assert_cmpstr (hex, ==, vectors[i].proof);
      tree_clear (&tree);
    }
}

/* MTH as the RFC writes it, from the leaves alone. */
static SlipTreeHash
definition (const SlipTreeHash *hashes, guint n)
{
  SlipTreeHash left;
  SlipTreeHash right;
  SlipTreeHash hash;
  guint k = 1;

  if (n == 1)
    return hashes[0];
  while (k * 2 < n)
    k *= 2;
  left = definition (hashes, k);
  right = definition (hashes + k, n - k);
  slip_tree_node (&left, &right, &hash);
  return hash;
}

/* RFC 9162 §2.1.3.2 */
static SlipTreeHash
root_from_path (SlipTreeHash hash, guint index, guint size, const GByteArray *path)
{
  const SlipTreeHash *steps = (const SlipTreeHash *)path->data;
  guint fn = index;
  guint sn = size - 1;

  for (guint i = 0; i < path->len / sizeof (SlipTreeHash); i++)
    {
      g_assert_cmpuint (sn, !=, 0);
      if ((fn & 1) != 0 || fn == sn)
        {
          slip_tree_node (&steps[i], &hash, &hash);
          while ((fn & 1) == 0 && fn != 0)
            {
              fn >>= 1;
              sn >>= 1;
            }
        }
      else
        slip_tree_node (&hash, &steps[i], &hash);
      fn >>= 1;
      sn >>= 1;
    }
  g_assert_cmpuint (sn, ==, 0);
  return hash;
}

/* RFC 9162 §2.1.4.2 */
static void
check_consistency (const GByteArray *proof,
                   guint first,
                   guint second,
                   const SlipTreeHash *first_root,
                   const SlipTreeHash *second_root)
{
  const SlipTreeHash *steps = (const SlipTreeHash *)proof->data;
  guint n = proof->len / sizeof (SlipTreeHash);
  gboolean power = (first & (first - 1)) == 0;
  SlipTreeHash fr;
  SlipTreeHash sr;
  guint fn = first - 1;
  guint sn = second - 1;

  if (first == second)
    {
      g_assert_cmpuint (n, ==, 0);
      return;
    }
  while ((fn & 1) != 0)
    {
      fn >>= 1;
      sn >>= 1;
    }
  fr = sr = power ? *first_root : steps[0];
  for (guint i = power ? 0 : 1; i < n; i++)
    {
      g_assert_cmpuint (sn, !=, 0);
      if ((fn & 1) != 0 || fn == sn)
        {
          slip_tree_node (&steps[i], &fr, &fr);
          slip_tree_node (&steps[i], &sr, &sr);
          while (fn != 0 && (fn & 1) == 0)
            {
              fn >>= 1;
              sn >>= 1;
            }
        }
      else
        slip_tree_node (&sr, &steps[i], &sr);
      fn >>= 1;
      sn >>= 1;
    }
  g_assert_cmpuint (sn, ==, 0);
  g_assert_cmpmem (&fr, sizeof fr, first_root, sizeof fr);
  g_assert_cmpmem (&sr, sizeof sr, second_root, sizeof sr);
}

static void
test_every_proof (void)
{
  enum
  {
    MOST = 40
  };
  SlipTreeHash by_size[MOST + 1];
  Tree tree;

  tree_init (&tree);
  for (guint n = 1; n <= MOST; n++)
    {
      const SlipTreeHash *hashes;
      SlipTreeFrontier loaded;
      SlipTreeHash root;

      tree_add (&tree, &n, sizeof n);
      hashes = (const SlipTreeHash *)tree.hashes->data;
      by_size[n] = definition (hashes, n);
      slip_tree_root (&tree.frontier, &root);
      g_assert_cmpmem (&root, sizeof root, &by_size[n], sizeof root);
      g_assert_true (slip_tree_load (&loaded, n, look_up, &tree, NULL));
      slip_tree_root (&loaded, &root);
      g_assert_cmpmem (&root, sizeof root, &by_size[n], sizeof root);

      for (guint i = 0; i < n; i++)
        {
          g_autoptr (GByteArray) path = slip_tree_inclusion (i, n, look_up, &tree, NULL);
          SlipTreeHash computed = root_from_path (hashes[i], i, n, path);

          g_assert_cmpmem (&computed, sizeof computed, &root, sizeof root);
        }
      for (guint first = 1; first <= n; first++)
        {
          g_autoptr (GByteArray) proof = slip_tree_consistency (first, n, look_up, &tree, NULL);

          check_consistency (proof, first, n, &by_size[first], &by_size[n]);
        }
    }
  tree_clear (&tree);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ledger/tree/roots_are_those_of_the_published_vectors", test_roots);
  g_test_add_func ("/ledger/tree/paths_are_those_of_the_published_vectors", test_paths);
  g_test_add_func ("/ledger/tree/consistency_is_that_of_the_published_vectors", test_consistency);
  g_test_add_func ("/ledger/tree/every_proof_of_small_trees_verifies_as_rfc_9162_says",
                   test_every_proof);
  return g_test_run ();
}
