using System.Text;
using UsageTracking.Metering;

namespace UsageTracking.Tests.Metering;

public sealed class FlatMetadataTests
{
    [Theory]
    [InlineData("""{"a":1}""")]
    [InlineData("""{"method": "GET", "status": 200, "endpoint": "/api/users/0"}""")]
    [InlineData("""{"b":true,"a":null,"c":false,"B":1.50,"":0,"d":0.5}""")]
    [InlineData("""{"aa":"x","a":"","ab":"{}[],: "}""")]
    [InlineData("""{"a":100000000000000000}""")]
    public void Plain_objects_go_the_short_way_to_the_same_form(string json)
    {
        Assert.Equal(Metadata.Parse(json).ToString(), Short(json));
        Assert.Equal(Metadata.Parse(json), Metadata.FromUtf8(Encoding.UTF8.GetBytes(json)));
    }

    [Theory]
    [InlineData("""{"a":{"b":1}}""")]
    [InlineData("""{"a":[1]}""")]
    [InlineData("""{"a":"\u0041"}""")]
    [InlineData("""{"a":"ü"}""")]
    [InlineData("""{"ü":1}""")]
    [InlineData("""{"a":1e3}""")]
    [InlineData("""{"a":-1}""")]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("""{"a":1000000000000000000000}""")]
    [InlineData("""{ }""")]
    [InlineData("""{"a" : 1}""")]
    public void Anything_else_goes_the_long_way(string json)
    {
        Assert.Null(Short(json));
        Assert.Equal(Metadata.Parse(json), Metadata.FromUtf8(Encoding.UTF8.GetBytes(json)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("{\"a\":01}")]
    [InlineData("{\"a\":1.}")]
    [InlineData("{\"a\":.5}")]
    [InlineData("{\"a\":}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{\"a\"}")]
    [InlineData("{\"a\":1}}")]
    [InlineData("{\"a}")]
    [InlineData("{\"a\":\"}")]
    [InlineData("{a:1}")]
    [InlineData("{\"a\":x}")]
    [InlineData("{\"a\":1}x}")]
    [InlineData("{,}")]
    public void What_is_no_JSON_is_not_taken_for_any(string json) => Assert.Null(Short(json));

    [Theory]
    [InlineData("GET", "plain")]
    [InlineData("", "")]
    [InlineData("~ !", "[]{}:,'")]
    public void A_dictionary_of_plain_values_goes_the_short_way(string one, string other)
    {
        var dictionary = new System.Collections.Hashtable { ["b"] = one, ["B"] = other, [""] = 5, ["aa"] = -1, ["a"] = long.MinValue };

        Assert.Equal($$"""{"":5,"B":"{{other}}","a":-9223372036854775808,"aa":-1,"b":"{{one}}"}""", Short(dictionary));
        Assert.Equal(Short(dictionary), Metadata.From(dictionary, _ => null).ToString());
    }

    [Fact]
    public void A_dictionary_of_anything_else_does_not()
    {
        object[] values = ["\"", "\\", "ü", "\n", "\u007f", 1.5m, true, new int[1], new System.Collections.Hashtable()];
        Assert.All(values, value => Assert.Null(Short(new Dictionary<string, object> { ["a"] = value })));
        Assert.Null(Short(new Dictionary<string, object>()));
        Assert.Null(Short(new Dictionary<string, object> { ["ü"] = 1 }));
        Assert.Null(Short(new Dictionary<int, int> { [1] = 1 }));
        Assert.Null(Short(Enumerable.Range(0, 17).ToDictionary(i => $"{i}", i => i)));
    }

    [Fact]
    public void Random_dictionaries_are_the_same_metadata_either_way()
    {
        var random = new Random(8);
        object[] values = ["", "text", "\"q\"", "ü", 0, -7, int.MaxValue, long.MinValue, 1.50m, true, new string('x', 200), 5L];
        int shortWays = 0;
        for (int i = 0; i < 5_000; i++)
        {
            var dictionary = new Dictionary<string, object>();
            for (int entries = random.Next(1, 6); entries > 0; entries--)
                dictionary[new string([.. Enumerable.Range(0, random.Next(3)).Select(_ => (char)random.Next(' ', 128))])] = values[random.Next(values.Length)];

            // Named values are written the long way.
            Assert.Equal(Metadata.From(new object(), _ => dictionary!), Metadata.From(dictionary, _ => null));
            shortWays += Short(dictionary) is null ? 0 : 1;
        }

        Assert.InRange(shortWays, 1_000, 4_000);
    }

    [Fact]
    public void The_longest_that_fits_is_written_and_one_more_is_not()
    {
        string longest = new('x', FlatMetadata.Longest - 8);

        Assert.Equal(FlatMetadata.Longest, Short(new Dictionary<string, object> { ["a"] = longest })!.Length);
        Assert.Null(Short(new Dictionary<string, object> { ["a"] = longest + "x" }));
        for (int length = FlatMetadata.Longest - 40; length < FlatMetadata.Longest + 5; length++)
        {
            var dictionary = new Dictionary<string, object> { ["a"] = new string('x', length), ["b"] = 1, ["c"] = "y" };
            Assert.Equal(Metadata.From(new object(), _ => dictionary!), Metadata.From(dictionary, _ => null));
        }
    }

    private static string? Short(System.Collections.IDictionary dictionary)
    {
        byte[] buffer = new byte[FlatMetadata.Longest];
        int length = FlatMetadata.Write(dictionary, buffer);
        return length < 0 ? null : Encoding.UTF8.GetString(buffer, 0, length);
    }

    private static string? Short(string json)
    {
        byte[] buffer = new byte[FlatMetadata.Longest];
        int length = FlatMetadata.Write(Encoding.UTF8.GetBytes(json), buffer);
        return length < 0 ? null : Encoding.UTF8.GetString(buffer, 0, length);
    }

    [Fact]
    public void Random_texts_are_the_same_metadata_either_way()
    {
        var random = new Random(7);
        string[] pieces = ["{", "}", "\"a\"", "\"b\"", "\"\"", ":", ",", "1", "0.50", "-1", "1e2", " ", "true", "null", "\"x:,}\"", "[1]", "{}"];
        for (int i = 0; i < 20_000; i++)
        {
            string inner = string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => Piece() + (random.Next(20) == 0 ? "" : ":") + Piece()));
            string json = "{" + inner + "}";
            Assert.Equal(Read(() => Metadata.Parse(json)), Read(() => Metadata.Parse(Encoding.UTF8.GetBytes(json))));
        }

        string Piece() => random.Next(3) == 0 ? pieces[random.Next(pieces.Length)] : $"\"{(char)random.Next(' ', 127)}\"";

        static string Read(Func<Metadata> read)
        {
            try
            {
                return read().ToString();
            }
            catch (UsageException error)
            {
                return error.Message;
            }
        }
    }
}
