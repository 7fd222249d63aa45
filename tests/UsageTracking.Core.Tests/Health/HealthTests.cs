using UsageTracking.Health;
using UsageTracking.Stores;

namespace UsageTracking.Tests.Health;

/// <summary>What cannot be had from the machine that tests run on.</summary>
public sealed class HealthTests
{
    [Theory]
    [InlineData(0, null)]
    [InlineData(4.9, null)]
    [InlineData(-4.9, null)]
    [InlineData(60, "60 s behind the server's")]
    [InlineData(-60, "60 s ahead of the server's")]
    public void Clocks_may_differ_by_a_few_seconds(double offset, string? found)
    {
        UsageTracking.Health.UsageHealth check = StoreHealth.CheckClock(new ServerState(TimeSpan.FromSeconds(offset), [], "me", true, ""));
        Assert.Equal(found is null, check.Ok);
        Assert.Equal(found is null, check.Fix is null);
        if (found is not null)
            Assert.EndsWith(found, check.Found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1L << 30, 2L << 30, false)]
    [InlineData((1L << 30) - 1, 2L << 30, true)]
    [InlineData(5L << 30, 100L << 30, false)]
    [InlineData(5L << 30, 101L << 30, true)]
    public void Disks_need_a_gigabyte_and_a_twentieth(long free, long total, bool isShort) => Assert.Equal(isShort, LocalHealth.IsShort(free, total));

    [Theory]
    [InlineData("/srv/usage.db", "/srv/usage.db")]
    [InlineData("/srv/it's here", "'/srv/it''s here'")]
    [InlineData("-x", "'-x'")]
    [InlineData("a;b", "'a;b'")]
    public void Arguments_are_quoted_where_they_must_be(string text, string quoted) => Assert.Equal(quoted, FixText.Quote(text));
}
