using UsageTracking.Time;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Time;

public sealed class TimeRangeTests
{
    private static readonly TimeZoneInfo London = Zones.Find("Europe/London");

    private static readonly TimeRange January = new(Utc(2026, 1, 1), Utc(2026, 2, 1));

    [Fact]
    public void A_range_holds_its_bounds()
    {
        Assert.Equal((Utc(2026, 1, 1), Utc(2026, 2, 1), false), (January.Start, January.End, January.IsEmpty));
        Assert.True(new TimeRange(Utc(2026, 1, 1), Utc(2026, 1, 1)).IsEmpty);
        // The same instant by two clocks.
        Assert.True(new TimeRange(Utc(2026, 1, 1), Utc(2026, 1, 1).ToOffset(TimeSpan.FromHours(-5))).IsEmpty);
        Assert.True(default(TimeRange).IsEmpty);
    }

    [Fact]
    public void A_range_that_ends_before_it_starts_is_an_error()
    {
        UsageException error = Assert.Throws<UsageException>(() => new TimeRange(Utc(2026, 1, 1), Utc(2026, 1, 1).AddTicks(-1)));
        Assert.Equal(("InvalidRange", UsageErrorKind.InvalidInput), (error.ErrorId, error.Kind));

        error = Assert.Throws<UsageException>(() => Between("2026-03-01", "2026-01-31"));
        Assert.Contains("2026-01-31 00:00:00+00:00", error.Message, StringComparison.Ordinal);
        Assert.Contains("2026-03-01 00:00:00+00:00", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    // All of the day before is before, though its end is this day's start.
    [InlineData("2026-01-29", "2026-01-28")]
    [InlineData("2026-02", "2026-01")]
    [InlineData("2026-02-01 00:00", "2026-01")]
    [InlineData("2026-01-29 00:00:01", "2026-01-29 00:00")]
    [InlineData("2026-02-03", null)]
    [InlineData(null, "2025-12-31")]
    public void A_day_named_as_the_end_does_not_make_a_later_start_right(string? start, string? end) =>
        Assert.Equal("InvalidRange", Assert.Throws<UsageException>(() => Between(start, end)).ErrorId);

    [Fact]
    public void Everything_begins_with_the_first_possible_record() =>
        Assert.Equal((Utc(1980, 1, 1), Utc(9999, 1, 1)), (TimeRange.Everything.Start, TimeRange.Everything.End));

    [Theory]
    [InlineData("2026-01-01", "2026-01-31", "2026-01-01T00:00Z", "2026-02-01T00:00Z")]
    [InlineData("2026-01", "2026-01", "2026-01-01T00:00Z", "2026-02-01T00:00Z")]
    [InlineData("2026", "2026", "2026-01-01T00:00Z", "2027-01-01T00:00Z")]
    [InlineData("2026-03-29", "2026-03-29", "2026-03-29T00:00Z", "2026-03-29T23:00Z")]
    [InlineData("2026-06-01 12:00", "2026-06-01 13:00", "2026-06-01T11:00Z", "2026-06-01T12:00Z")]
    [InlineData("2026-06-01T12:00Z", "2026-06-01", "2026-06-01T12:00Z", "2026-06-01T23:00Z")]
    [InlineData("2026-01-15", "2026-01", "2026-01-15T00:00Z", "2026-02-01T00:00Z")]
    [InlineData("2026-01", "2026-01-15", "2026-01-01T00:00Z", "2026-01-16T00:00Z")]
    [InlineData("2026-01-15 12:00", "2026-01-15 12:00", "2026-01-15T12:00Z", "2026-01-15T12:00Z")]
    [InlineData(null, "2026-01-15", "2026-01-01T00:00Z", "2026-01-16T00:00Z")]
    [InlineData("2026-01-15", null, "2026-01-15T00:00Z", "2026-02-01T00:00Z")]
    [InlineData(null, null, "2026-01-01T00:00Z", "2026-02-01T00:00Z")]
    public void A_range_covers_all_of_the_days_months_and_years_named(string? start, string? end, string first, string after)
    {
        TimeRange range = Between(start, end);
        Assert.Equal((TimeInput.Parse(first).Start(London), TimeInput.Parse(after).Start(London)), (range.Start, range.End));
    }

    [Fact]
    public void The_current_month_is_the_zones()
    {
        // 23:30 UTC on 30 June is 00:30 on 1 July in London.
        DateTimeOffset now = Utc(2026, 6, 30, 23, 30);

        Assert.Equal(new TimeRange(Utc(2026, 6, 30, 23), now), TimeRange.CurrentMonth(now, London));
        Assert.Equal(new TimeRange(Utc(2026, 6, 1), now), TimeRange.CurrentMonth(now, TimeZoneInfo.Utc));
        Assert.Equal(new TimeRange(Utc(2026, 6, 1, 4), now), TimeRange.CurrentMonth(now, Zones.Find("America/New_York")));
        Assert.True(TimeRange.CurrentMonth(Utc(2026, 7, 1), TimeZoneInfo.Utc).IsEmpty);
    }

    [Fact]
    public void The_last_days_are_complete_days_of_the_zone_and_today_so_far()
    {
        // 25 October is a day of 25 hours; the seven days before the 30th begin on the 23rd, in summer time.
        DateTimeOffset now = Utc(2026, 10, 30, 12);

        Assert.Equal(new TimeRange(Utc(2026, 10, 22, 23), now), TimeRange.LastDays(7, now, London));
        Assert.Equal(new TimeRange(Utc(2026, 10, 23), now), TimeRange.LastDays(7, now, TimeZoneInfo.Utc));
        Assert.Equal(new TimeRange(Utc(2026, 10, 30), now), TimeRange.LastDays(0, now, London));
    }

    private static TimeRange Between(string? start, string? end) => TimeRange.Between(Input(start), Input(end), January, London);

    private static TimeInput? Input(string? text) => text is null ? null : TimeInput.Parse(text);
}
