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
