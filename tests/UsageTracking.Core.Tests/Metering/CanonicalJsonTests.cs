using System.Text;
using UsageTracking.Metering;

namespace UsageTracking.Tests.Metering;

public sealed class CanonicalJsonTests
{
    [Theory]
    [InlineData("{\"a\":1,\"b\":\"x y\",\"c\":true,\"d\":null,\"e\":1.50}", true)]
    [InlineData("{\"B\":1,\"a\":\"<&'+`>\"}", true)]
    [InlineData("{\"b\":1,\"a\":1}", false)]
    [InlineData("{\"a\":1,\"a\":1}", false)]
    [InlineData("{\"a\": 1}", false)]
    [InlineData("{ }", false)]
    [InlineData("{\"a\":1e3}", false)]
    [InlineData("{\"a\":-0}", false)]
    [InlineData("{\"a\":\"\\u0041\"}", false)]
    [InlineData("{\"a\":{}}", false)]
    [InlineData("{\"a\":\"ü\"}", false)]
    [InlineData("{\"a\":1", false)]
    [InlineData("{\"a\":1}}", false)]
    [InlineData("{a}", false)]
    [InlineData("[]", false)]
    public void It_says_so_only_where_nothing_would_change(string json, bool isSimple)
    {
        Assert.Equal(isSimple, CanonicalJson.IsSimple(Encoding.UTF8.GetBytes(json)));
        if (isSimple)
            Assert.Equal(json, Metadata.Parse(json).ToString());
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
