using UsageTracking.Files.Import;
using UsageTracking.Metering;

namespace UsageTracking.Tests.Files.Import;

public sealed class RecordTextTests
{
    [Theory]
    [InlineData("api", "api 1 {}")]
    [InlineData("api:2.5", "api 2.5 {}")]
    [InlineData("api:2:", "api 2 {}")]
    [InlineData("api:1:{\"url\":\"http://a:1/\\\"x\\\"\"}", "api 1 {\"url\":\"http://a:1/\\\"x\\\"\"}")]
    public void Two_colons_part_it(string text, string expected)
    {
        var record = new RecordInput();
        RecordText.Put(record, text);
        Assert.Equal(expected, FormattableString.Invariant($"{record.Service} {record.Quantity} {record.Metadata}"));
    }

    [Theory]
    [InlineData("api::{}", "InvalidQuantity")]
    [InlineData("api:", "InvalidQuantity")]
    [InlineData(":1", "UnknownService")]
    [InlineData("", "UnknownService")]
    [InlineData("api:1:{a}", "InvalidMetadata")]
    public void What_is_there_but_empty_or_wrong_is_an_error(string text, string errorId)
    {
        var record = new RecordInput();
        UsageException error = Assert.Throws<UsageException>(() =>
        {
            RecordText.Put(record, text);
            record.CustomerId = "a";
            record.Check(TimeZoneInfo.Utc, DateTimeOffset.UtcNow);
        });
        Assert.Equal(errorId, error.ErrorId);
    }
}
