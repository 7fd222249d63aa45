using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using UsageTracking.Metering;
using UsageTracking.Tests.Testing;

namespace UsageTracking.Tests.Metering;

public sealed class MetadataTests
{
    private const string Emoji = "\U0001F600";

    private static readonly string HighSurrogate = ((char)0xD83D).ToString();

    private static readonly string LowSurrogate = ((char)0xDE00).ToString();

    [Fact]
    public void No_metadata_is_an_empty_object()
    {
        Assert.Equal("{}", Metadata.Empty.ToString());
        Assert.Equal(Metadata.Empty, Metadata.Parse(" { } "));
        Assert.Same(Metadata.Empty, From([]));
        Assert.Same(Metadata.Empty, Metadata.FromStore(null));
        Assert.Same(Metadata.Empty, Metadata.FromStore("{}"));
    }

    [Theory]
    [InlineData("""{"b":1,"a":2}""", """{"a":2,"b":1}""")]
    [InlineData(""" { "b" : [ 3, 1 , 2 ], "a" : { "d" : null, "c" : true } } """, """{"a":{"c":true,"d":null},"b":[3,1,2]}""")]
    [InlineData("""{"a":[{"z":1,"y":2},[{"b":0,"a":0}]]}""", """{"a":[{"y":2,"z":1},[{"a":0,"b":0}]]}""")]
    [InlineData("""{"a10":1,"a9":2,"A":3,"a":4,"":5}""", """{"":5,"A":3,"a":4,"a10":1,"a9":2}""")]
    // The last of repeated keys, on every level.
    [InlineData("""{"a":1,"b":0,"a":2}""", """{"a":2,"b":0}""")]
    [InlineData("""{"a":{"x":1,"x":{"y":1,"y":2}},"a":{"x":1,"x":{"y":1,"y":2}}}""", """{"a":{"x":{"y":2}}}""")]
    [InlineData("""{"\u0061":1,"a":2}""", """{"a":2}""")]
    public void Keys_are_in_order_without_spaces_or_repetition(string json, string canonical) => Assert.Equal(canonical, Metadata.Parse(json).ToString());

    [Fact]
    public void Keys_are_in_the_order_of_their_utf16_code_units()
    {
        // The example of RFC 8785, section 3.2.3; by code points the emoji would be the last.
        string[] inOrder = ["\r", "1", "\u0080", "\u00f6", "\u20ac", Emoji, "\ufb33"];
        Metadata metadata = From([.. Enumerable.Reverse(inOrder).Select(k => KeyValuePair.Create(k, (object?)1))]);

        Assert.Equal(inOrder, JsonDocument.Parse(metadata.Utf8).RootElement.EnumerateObject().Select(p => p.Name));
    }

    [Theory]
    [InlineData("0", "0")]
    [InlineData("-0", "0")]
    [InlineData("-0.0", "0.0")]
    [InlineData("-0e5", "0")]
    [InlineData("0e5", "0")]
    [InlineData("1.50", "1.50")]
    [InlineData("-1.50", "-1.50")]
    [InlineData("1e3", "1000")]
    [InlineData("1E+3", "1000")]
    [InlineData("-1.5e-3", "-0.0015")]
    [InlineData("1.50e1", "15")]
    [InlineData("12345678901234567890123456789012345678901234567890.5", "12345678901234567890123456789012345678901234567890.5")]
    [InlineData("5e-324", "0.{323}5")]
    [InlineData("1e400", "1{400}")]
    public void Numbers_keep_their_digits_and_lose_their_exponent(string number, string canonical)
    {
        // {n} stands for n zeros.
        int open = canonical.IndexOf('{', StringComparison.Ordinal);
        if (open >= 0)
        {
            int close = canonical.IndexOf('}', StringComparison.Ordinal);
            canonical = canonical[..open] + new string('0', int.Parse(canonical[(open + 1)..close], CultureInfo.InvariantCulture)) + canonical[(close + 1)..];
        }

        Assert.Equal($$"""{"a":{{canonical}},"b":[{{canonical}}]}""", Metadata.Parse($$"""{"b":[{{number}}],"a":{{number}}}""").ToString());
    }

    [Theory]
    [InlineData("""{"a":1e401}""")]
    [InlineData("""{"a":-1e-401}""")]
    public void A_number_that_no_store_could_write_out_is_an_error(string json) => Refused(() => Metadata.Parse(json));

    [Fact]
    public void A_number_has_as_many_decimals_as_postgresql_keeps()
    {
        string most = "0." + new string('1', 16_383);
        Assert.Equal($$"""{"a":-{{most}}}""", Metadata.Parse($$"""{"a":-{{most}}}""").ToString());
        Assert.Equal($$"""{"a":{{most}}}""", Metadata.Parse($$"""{"a":{{most}}}""").ToString());
        Refused(() => Metadata.Parse($$"""{"a":{{most}}1}"""));
        Refused(() => Metadata.Parse($$"""{"a":-{{most}}1}"""));
        Refused(() => Metadata.Parse($$"""{"a":{{most}}e-1}"""));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("1")]
    [InlineData("\"text\"")]
    [InlineData("[]")]
    [InlineData("[{\"a\":1}]")]
    [InlineData("{a:1}")]
    [InlineData("{'a':1}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{\"a\":01}")]
    [InlineData("{\"a\":NaN}")]
    [InlineData("{\"a\":1} x")]
    [InlineData("{\"a\":1")]
    [InlineData("// no\n{}")]
    public void What_is_no_json_object_is_an_error(string json) => Refused(() => Metadata.Parse(json));

    [Fact]
    public void Only_named_values_are_metadata()
    {
        Refused(() => Metadata.From("text", NoProperties));
        Refused(() => Metadata.From(5, NoProperties));
        Refused(() => Metadata.From(new List<int> { 1 }, NoProperties));
        Refused(() => Metadata.From(JsonDocument.Parse("[1]").RootElement, NoProperties));
        Refused(() => Metadata.FromElement(JsonDocument.Parse("[1]").RootElement));
        Assert.Equal("""{"a":1}""", Metadata.From(JsonDocument.Parse("""{"a":1}""").RootElement, NoProperties).ToString());
    }

    [Fact]
    public void A_nul_is_an_error_wherever_it_stands()
    {
        Refused(() => Metadata.Parse("""{"a":"x\u0000"}"""));
        Refused(() => Metadata.Parse("""{"a\u0000":1}"""));
        Refused(() => Metadata.Parse("""{"a":[{"b":"\u0000"}]}"""));
        Refused(() => From([new("a", "\0")]));
        Refused(() => From([new("\0", 1)]));
        Refused(() => From([new("a", new List<string> { "x\0" })]));
        Refused(() => From([new("a", '\0')]));
        Assert.Equal("""{"a":"\\u0000"}""", Metadata.Parse("""{"a":"\\u0000"}""").ToString());
    }

    [Fact]
    public void Half_a_character_is_an_error_wherever_it_stands()
    {
        foreach (string half in (string[])[HighSurrogate, LowSurrogate, HighSurrogate + "x", "x" + LowSurrogate, LowSurrogate + HighSurrogate, HighSurrogate + HighSurrogate + LowSurrogate])
        {
            string escaped = string.Concat(half.Select(c => char.IsSurrogate(c) ? $"\\u{(int)c:x4}" : c.ToString()));
            Refused(() => From([new("a", half)]));
            Refused(() => From([new(half, 1)]));
            Refused(() => Metadata.Parse($$"""{"a":"{{escaped}}"}"""));
            Refused(() => Metadata.Parse($$"""{"{{escaped}}":1}"""));
            Refused(() => Metadata.Parse($$"""{"a":"{{half}}"}"""));
        }
    }

    [Fact]
    public void Emoji_and_every_other_character_come_back()
    {
        string text = Emoji + " ä ß € 顧客 \"quoted\" \\ / <b> & ' + \t\r\n\u0001\u001f\u007f\u0085\u2028\ufeff\ufffe " + "\U0010FFFF";
        Metadata made = From([new(text, text)]);
        Metadata read = Metadata.Parse(made.ToString());

        Assert.Equal(made, read);
        Assert.Equal(text, made[text]);
        Assert.Equal(text, JsonDocument.Parse(made.Utf8).RootElement.EnumerateObject().Single().Value.GetString());
        Assert.Equal(Metadata.Parse("{\"a\":\"\\ud83d\\ude00\"}"), Metadata.Parse("{\"a\":\"" + Emoji + "\"}"));
    }

    [Fact]
    public void Exactly_64_KiB_of_canonical_json_are_kept()
    {
        // {"a":""} takes eight bytes.
        string longest = new('x', (64 * 1024) - 8);
        Assert.Equal(64 * 1024, From([new("a", longest)]).Utf8.Length);
        Assert.Equal(64 * 1024, Metadata.Parse($$"""   { "a" : "{{longest}}" }   """).Utf8.Length);
        Refused(() => From([new("a", longest + "x")]));
        Refused(() => Metadata.Parse($$"""{"a":"{{longest}}x"}"""));

        // It is bytes that count: ä has two, and a repeated key counts once.
        string half = new('ä', longest.Length / 2);
        Assert.Equal(64 * 1024, From([new("a", half)]).Utf8.Length);
        Refused(() => From([new("a", half + "x")]));
        Assert.Equal(64 * 1024, Metadata.Parse($$"""{"a":"{{longest}}x","a":"{{longest}}"}""").Utf8.Length);
    }

    [Fact]
    public void After_an_error_the_next_metadata_is_right()
    {
        Refused(() => From([new("a", 1), new("b", "\0")]));
        Assert.Equal("""{"c":1}""", From([new("c", 1)]).ToString());
    }

    [Fact]
    public void Thirty_two_levels_are_kept_and_can_be_read_again()
    {
        foreach (Func<int, object> nest in (Func<int, object>[])[Dictionaries, Lists, Objects, Elements])
        {
            var deepest = Metadata.From(nest(32), Named);
            Assert.Equal(deepest, Metadata.FromStore(deepest.ToString()));
            Refused(() => Metadata.From(nest(33), Named));
            Refused(() => Metadata.From(nest(60), Named));
        }

        Refused(() => Metadata.FromElement((JsonElement)Elements(33)));
        Refused(() => Metadata.Parse(((JsonElement)Elements(33)).GetRawText()));

        static object Dictionaries(int levels) => levels == 1 ? new Dictionary<string, object?>() : new Dictionary<string, object?> { ["a"] = Dictionaries(levels - 1) };

        static object Lists(int levels) => new Dictionary<string, object?> { ["a"] = Enumerable.Range(0, levels - 1).Aggregate((object)1, (inner, _) => new[] { inner }) };

        static object Objects(int levels) => new Node(levels == 1 ? null : Objects(levels - 1));

        static object Elements(int levels) => JsonDocument.Parse(
            $$"""{"a":{{new string('[', levels - 1)}}{{new string(']', levels - 1)}}}""", new JsonDocumentOptions { MaxDepth = 100 }).RootElement;

        static IEnumerable<KeyValuePair<string, object?>>? Named(object value) => value is Node node ? [new("a", node.Inner)] : null;
    }

    [Fact]
    public void What_refers_to_itself_is_an_error()
    {
        var dictionary = new Dictionary<string, object?> { ["a"] = 1 };
        dictionary["self"] = dictionary;
        Refused(() => Metadata.From(dictionary, NoProperties));

        var list = new List<object?>();
        list.Add(list);
        Refused(() => From([new("a", list)]));

        Refused(() => Metadata.From(new Node(null), n => [new("a", n)]));
    }

    [Fact]
    public void What_grows_without_end_is_refused_before_it_fills_the_memory()
    {
        // 2^30 leaves of one byte, and a list that never ends.
        object doubled = 1;
        for (int i = 0; i < 30; i++)
            doubled = new[] { doubled, doubled };
        Refused(() => From([new("a", doubled)]));
        Refused(() => From([new("a", Endless())]));

        static IEnumerable<int> Endless()
        {
            while (true)
                yield return 1;
        }
    }

    [Fact]
    public void Reading_a_value_may_itself_make_metadata()
    {
        // In PowerShell a script property may record usage.
        var outer = Metadata.From(new Node(1), _ => Values());

        Assert.Equal("""{"a":"{\"inner\":1}","b":2}""", outer.ToString());

        static IEnumerable<KeyValuePair<string, object?>> Values()
        {
            yield return new("b", 2);
            yield return new("a", Metadata.Parse("""{"inner":1}""").ToString());
        }
    }

    [Fact]
    public void Reading_a_nested_value_may_itself_make_metadata()
    {
        var outer = Metadata.From(
            new Dictionary<string, object?> { ["a"] = new Node(1), ["b"] = 2 },
            n => [new("x", Metadata.Parse("""{"inner":1}""")["inner"]), new("y", n is Node)]);

        Assert.Equal("""{"a":{"x":"1","y":true},"b":2}""", outer.ToString());
    }

    [Fact]
    public void Values_of_every_type_are_written_the_same_in_every_culture()
    {
        const string Expected = """
            {
            "bigInteger":123456789012345678901234567890,
            "bool":true,
            "byte":7,
            "char":"x",
            "date":"2026-01-30",
            "dateTime":"2026-01-30T16:45:23.5000000",
            "dateTimeOffset":"2026-01-30T16:45:23.0000000+01:00",
            "dateTimeUtc":"2026-01-30T16:45:23.0000000Z",
            "dbNull":null,
            "decimal":1.50,
            "dictionary":{"1":"one","2.5":"two and a half"},
            "double":0.1,
            "enum":"Friday",
            "float":0.1,
            "guid":"00000000-0000-0000-0000-000000000000",
            "half":0.5,
            "int":-7,
            "large":10000000000000000000000,
            "list":[1,"a",null,[2.5]],
            "long":-9223372036854775808,
            "null":null,
            "object":{"a":1.5},
            "small":0.0000001,
            "text":"1,5",
            "time":"16:45:23.0000000",
            "timeSpan":"1.02:03:04.5000000",
            "ulong":18446744073709551615,
            "zero":0
            }
            """;
        foreach (string culture in (string[])["", "de-DE", "fa-IR", "tr-TR", "sv-SE"])
        {
            Cultures.In(culture, () => Assert.Equal(
                Expected.ReplaceLineEndings(""),
                Metadata.From(
                    new Dictionary<string, object?>
                    {
                        ["zero"] = -0.0,
                        ["ulong"] = ulong.MaxValue,
                        ["timeSpan"] = new TimeSpan(1, 2, 3, 4, 500),
                        ["time"] = new TimeOnly(16, 45, 23),
                        ["text"] = "1,5",
                        ["small"] = 1e-7,
                        ["object"] = new Node(1.5m),
                        ["null"] = null,
                        ["long"] = long.MinValue,
                        ["list"] = new List<object?> { 1, "a", null, new List<double> { 2.5 } },
                        ["large"] = 1e22,
                        ["int"] = -7,
                        ["half"] = (Half)0.5,
                        ["guid"] = Guid.Empty,
                        ["float"] = 0.1f,
                        ["enum"] = DayOfWeek.Friday,
                        ["double"] = 0.1,
                        ["dictionary"] = new Dictionary<double, string> { [2.5] = "two and a half", [1] = "one" },
                        ["decimal"] = 1.50m,
                        ["dbNull"] = DBNull.Value,
                        ["dateTimeUtc"] = new DateTime(2026, 1, 30, 16, 45, 23, DateTimeKind.Utc),
                        ["dateTimeOffset"] = new DateTimeOffset(2026, 1, 30, 16, 45, 23, TimeSpan.FromHours(1)),
                        ["dateTime"] = new DateTime(2026, 1, 30, 16, 45, 23, 500, DateTimeKind.Unspecified),
                        ["date"] = new DateOnly(2026, 1, 30),
                        ["char"] = 'x',
                        ["byte"] = (byte)7,
                        ["bool"] = true,
                        ["bigInteger"] = BigInteger.Parse("123456789012345678901234567890", CultureInfo.InvariantCulture),
                    },
                    n => n is Node node ? [new("a", node.Inner)] : null).ToString()));
        }
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void What_json_has_no_number_for_is_an_error(object number) => Refused(() => From([new("a", number)]));

    [Fact]
    public void A_top_level_value_is_found_by_its_key()
    {
        var metadata = Metadata.Parse("""{"text":"a","number":1.50,"object":{"b":1},"null":null,"":"empty"}""");

        Assert.Equal("a", metadata["text"]);
        Assert.Equal("1.50", metadata["number"]);
        Assert.Equal("""{"b":1}""", metadata["object"]);
        Assert.Equal("empty", metadata[""]);
        Assert.Null(metadata["null"]);
        Assert.Null(metadata["b"]);
        Assert.Null(metadata["TEXT"]);
    }

    [Fact]
    public void Metadata_is_equal_when_its_bytes_are()
    {
        var a = Metadata.Parse("""{"a":1,"b":2}""");
        var same = Metadata.Parse("""{"b":2,"a":1}""");
        var other = Metadata.Parse("""{"a":1,"b":3}""");

        Assert.True(a.Equals(same));
        Assert.True(a.Equals((object)same));
        Assert.Equal(a.GetHashCode(), same.GetHashCode());
        Assert.False(a.Equals(other));
        Assert.False(a.Equals(null));
        Assert.False(a.Equals((object)"{}"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_same_object_has_the_same_bytes_whatever_the_order_of_its_keys(int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < 300; i++)
        {
            object tree = RandomObject(random, 4);
            var metadata = Metadata.From(tree, NoProperties);

            Assert.Equal(metadata, Metadata.From(Shuffled(tree, random)!, NoProperties));
            Assert.Equal(metadata, Metadata.Parse(Text(Shuffled(tree, random), random)));
            Assert.Equal(metadata, Metadata.FromElement(JsonDocument.Parse(Text(Shuffled(tree, random), random)).RootElement));
            Assert.Equal(metadata, Metadata.FromStore(metadata.ToString()));

            using var read = JsonDocument.Parse(metadata.Utf8);
            CheckCanonical(read.RootElement, tree);
            Assert.DoesNotContain(metadata.Utf8.ToArray(), b => b < ' ');
        }
    }

    private static void CheckCanonical(JsonElement read, object? given)
    {
        switch (given)
        {
            case Dictionary<string, object?> dictionary:
                string[] keys = [.. read.EnumerateObject().Select(p => p.Name)];
                Assert.Equal(dictionary.Keys.Order(StringComparer.Ordinal), keys);
                Assert.All(keys, k => CheckCanonical(read.GetProperty(k), dictionary[k]));
                break;
            case object?[] list:
                Assert.Equal(list.Length, read.GetArrayLength());
                for (int i = 0; i < list.Length; i++)
                    CheckCanonical(read[i], list[i]);
                break;
            case string text:
                Assert.Equal(text, read.GetString());
                break;
            case decimal number:
                Assert.Equal(number, decimal.Parse(read.GetRawText(), CultureInfo.InvariantCulture));
                break;
            case bool truth:
                Assert.Equal(truth, read.GetBoolean());
                break;
            default:
                Assert.Equal(JsonValueKind.Null, read.ValueKind);
                break;
        }
    }

    private static Dictionary<string, object?> RandomObject(Random random, int depth)
    {
        var dictionary = new Dictionary<string, object?>();
        for (int i = random.Next(6); i > 0; i--)
            dictionary[RandomText(random)] = RandomValue(random, depth - 1);

        return dictionary;
    }

    private static object? RandomValue(Random random, int depth) => random.Next(depth > 0 ? 7 : 5) switch
    {
        0 => null,
        1 => random.Next(2) == 0,
        2 or 3 => RandomText(random),
        4 => BigNumber.RandomDecimal(random),
        5 => RandomObject(random, depth),
        _ => Enumerable.Range(0, random.Next(4)).Select(_ => RandomValue(random, depth - 1)).ToArray(),
    };

    private static string RandomText(Random random)
    {
        string[] pieces = ["a", "b", "Z", "_", "0", "ä", "€", Emoji, "\ufb33", "\"", "\\", "\n", "\u001f", "<", " "];
        return string.Concat(Enumerable.Range(0, random.Next(5)).Select(_ => pieces[random.Next(pieces.Length)]));
    }

    private static object? Shuffled(object? value, Random random) => value switch
    {
        Dictionary<string, object?> dictionary => Shuffle(dictionary, random),
        object?[] list => Array.ConvertAll(list, v => Shuffled(v, random)),
        _ => value,
    };

    private static Dictionary<string, object?> Shuffle(Dictionary<string, object?> dictionary, Random random)
    {
        KeyValuePair<string, object?>[] entries = [.. dictionary];
        random.Shuffle(entries);
        return entries.ToDictionary(e => e.Key, e => Shuffled(e.Value, random));
    }

    // JSON as somebody else might write it: blanks, escapes where none are needed, keys repeated.
    private static string Text(object? value, Random random)
    {
        string blank = random.Next(3) == 0 ? " \n" : "";
        return value switch
        {
            Dictionary<string, object?> dictionary => "{" + string.Join(",", dictionary.Select(e =>
                (random.Next(4) == 0 ? $"{Quoted(e.Key, random)}:0," : "") + $"{blank}{Quoted(e.Key, random)}{blank}:{Text(e.Value, random)}")) + "}",
            object?[] list => "[" + string.Join("," + blank, list.Select(v => Text(v, random))) + "]",
            string text => Quoted(text, random),
            decimal number => number.ToString(CultureInfo.InvariantCulture),
            bool truth => truth ? "true" : "false",
            _ => "null",
        } + blank;
    }

    private static string Quoted(string text, Random random)
    {
        var quoted = new StringBuilder("\"");
        bool escapeAll = random.Next(2) == 0;
        foreach (char c in text)
        {
            if (escapeAll || c is '"' or '\\' or < ' ')
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                quoted.Append(c);
        }

        return quoted.Append('"').ToString();
    }

    private static Metadata From(KeyValuePair<string, object?>[] entries) => Metadata.From(new Dictionary<string, object?>(entries), NoProperties);

    private static IEnumerable<KeyValuePair<string, object?>>? NoProperties(object value) => null;

    private static void Refused(Action make)
    {
        UsageException error = Assert.Throws<UsageException>(make);
        Assert.Equal(("InvalidMetadata", UsageErrorKind.InvalidInput), (error.ErrorId, error.Kind));
    }

    private sealed record Node(object? Inner);

    [Theory]
    [InlineData("[1,\"a\"]", "{\"value\":[1,\"a\"]}")]
    [InlineData("\"text\"", "{\"value\":\"text\"}")]
    [InlineData("7.50", "{\"value\":7.50}")]
    [InlineData("null", "{\"value\":null}")]
    [InlineData("no JSON", "{\"value\":\"no JSON\"}")]
    [InlineData("{\"b\": 1, \"a\": 2}", "{\"a\":2,\"b\":1}")]
    public void Whatever_other_programs_stored_can_be_read(string stored, string expected) =>
        Assert.Equal(expected, Metadata.FromStore(stored).ToString());

    [Fact]
    public void An_object_of_other_programs_larger_than_ours_can_be_read()
    {
        string stored = $"{{\"text\":\"{new string('x', 2 * Metadata.LargestSize)}\"}}";
        Assert.Equal(stored, Metadata.FromStore(stored).ToString());
    }
}
