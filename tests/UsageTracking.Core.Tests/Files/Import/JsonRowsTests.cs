using System.Text;
using UsageTracking.Files.Import;

namespace UsageTracking.Tests.Files.Import;

public sealed class JsonRowsTests : OnFiles
{
    private const string Long = "{\"service\":\"api\",\"quantity\":3,\"metadata\":{\"a\":\"";

    [Fact]
    public void Each_line_of_NDJSON_is_a_record()
    {
        string path = Write("a.ndjson", "\uFEFF{\"service\":\"api\",\"quantity\":1.50,\"customer_id\":\"a\"}\r\n\r\n{\"CustomerId\":\"\\u00fc\\n\",\"metadata\":{\"b\":{\"y\":1,\"x\":[1,2]},\"a\":\"}{\"},\"service\":\"api\"}");
        Assert.Equal(["1: api 1.50 a {}", "3: api 1 ü\n {\"a\":\"}{\",\"b\":{\"x\":[1,2],\"y\":1}}"], ReadAll(path, ImportFormat.Ndjson));
    }

    [Fact]
    public void A_bad_line_of_NDJSON_spoils_no_other()
    {
        string path = Write("a.ndjson", "{\"service\":\"api\"\n[1]\n5\n{\"service\":\"api\"} x\n{\"quantity\":1}\n{\"service\":null}\n{\"service\":\"api\",\"quantity\":7}\n");
        Assert.Equal(
            ["1! InvalidLine {\"service\":\"api\"", "2! InvalidLine [1]", "3! InvalidLine 5", "4! InvalidLine {\"service\":\"api\"} x",
                "5! ColumnNotFound {\"quantity\":1}", "6! UnknownService {\"service\":null}", "7: api 7  {}"],
            ReadAll(path, ImportFormat.Ndjson));
    }

    [Fact]
    public void Records_of_an_array_are_told_apart_whatever_is_in_them()
    {
        string path = Write("a.json", " [ {\"service\":\"api\",\"quantity\":1,\"x\":\"a\\\\\\\"]}\"} ,\n\n{\"service\":api},\n7, \"x]\",{\"service\":\"api\",\"quantity\":2,\"x\":[[{}]]}\n]\n");
        Assert.Equal(
            ["1: api 1  {}", "3! InvalidLine {\"service\":api}", "4! InvalidLine 7", "4! InvalidLine \"x]\"", "4: api 2  {}"],
            ReadAll(path, ImportFormat.Json));
    }

    [Theory]
    [InlineData("{\"customer_id\":\"acme\",\"period\":{\"start\":null},\"usage_records\":[{\"service\":\"api\"},{\"service\":\"api\",\"customer_id\":\"own\"}],\"summary\":{\"total_events\":2}}")]
    [InlineData("{\"usage_records\":[{\"service\":\"api\"},{\"service\":\"api\",\"customer_id\":\"own\"}],\"customer_id\":\"acme\"}")]
    public void The_document_names_the_customer_of_records_that_do_not(string content) =>
        Assert.Equal(["1: api 1 acme {}", "1: api 1 own {}"], ReadAll(Write("a.json", content), ImportFormat.Json));

    [Fact]
    public void A_bad_record_is_kept_on_one_line_with_the_customer_of_its_document()
    {
        string path = Write("a.json", "{\"customer_id\":\"a\\\"b\",\"usage_records\":[{\r\n  \"service\": 5\n}]}");
        using RowReader rows = RowReader.Open(path, ImportFormat.Json, ColumnMap.Known);
        Assert.True(rows.Read());
        Assert.Equal("{\"customer_id\":\"a\\u0022b\",    \"service\": 5 }", Encoding.UTF8.GetString(rows.RawForRejects));
    }

    [Theory]
    [InlineData("[{\"service\":\"api\"}")]
    [InlineData("[{\"service\":\"api\"},")]
    [InlineData("[{\"service\":\"api\"},]x")]
    [InlineData("[{\"service\":\"api\"} {\"service\":\"api\"}]")]
    [InlineData("[{\"service\":\"api")]
    [InlineData("[] []")]
    [InlineData("{\"usage_records\":[{\"service\":\"api\"}]")]
    [InlineData("{\"service\":\"api\"}")]
    [InlineData("service,quantity")]
    public void A_file_that_is_no_JSON_or_only_part_of_one_is_an_error(string content) =>
        Assert.Equal("InvalidFile", Assert.Throws<UsageException>(() => ReadAll(Write("a.json", content), ImportFormat.Json)).ErrorId);

    [Theory]
    [InlineData("")]
    [InlineData(" [ ] ")]
    [InlineData("{\"usage_records\":[]}")]
    public void Nothing_is_read_from_nothing(string content) => Assert.Empty(ReadAll(Write("a.json", content), ImportFormat.Json));

    [Theory]
    [InlineData(ImportFormat.Json)]
    [InlineData(ImportFormat.Ndjson)]
    public void Records_of_any_length_are_read_across_the_ends_of_buffers(ImportFormat format)
    {
        var random = new Random(1);
        string[] records = [.. Enumerable.Range(0, 2000).Select(_ => Long + new string('x', random.Next(random.Next(2) == 0 ? 10 : 3000)) + "\\\"\"}}")];
        string content = format == ImportFormat.Json ? $"[{string.Join(',', records)}]" : string.Join('\n', records);

        IReadOnlyList<string> read = ReadAll(Write("a", content), format);

        Assert.Equal(records.Length, read.Count);
        Assert.All(read, (line, i) => Assert.EndsWith(records[i][(Long.Length - 6)..^1], line, StringComparison.Ordinal));
    }

    [Fact]
    public void A_chosen_column_that_a_record_does_not_have_is_an_error_of_that_record()
    {
        string path = Write("a.ndjson", "{\"service\":\"api\",\"units\":2}\n{\"service\":\"api\",\"quantity\":1}\n");
        Assert.Equal(
            ["1: api 2  {}", "2! ColumnNotFound {\"service\":\"api\",\"quantity\":1}"],
            ReadAll(path, ImportFormat.Ndjson, MapOf((RecordField.Quantity, "units"))));
    }

    [Fact]
    public void Keys_in_the_form_of_an_export_are_known_as_such()
    {
        string path = Write("a.ndjson", "{\"timestamp\":\"2026-01-30 16:45:23\",\"service\":\"api\",\"unit_cost\":1,\"total_cost\":1}\n{\"timestamp\":\"2026-01-30 16:45:23\",\"service\":\"api\"}\n");
        using RowReader rows = RowReader.Open(path, ImportFormat.Ndjson, ColumnMap.Known);
        rows.Read();
        rows.Put(new());
        Assert.True(rows.IsExport);
        rows.Read();
        rows.Put(new());
        Assert.False(rows.IsExport);
    }
}
