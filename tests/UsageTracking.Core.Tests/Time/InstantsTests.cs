using UsageTracking.Tests.Testing;
using UsageTracking.Time;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Time;

public sealed class InstantsTests
{
    private static readonly DateTimeOffset Now = Utc(2026, 1, 30, 16, 45, 23);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(9, 0)]
    [InlineData(10, 10)]
    [InlineData(1_234_567, 1_234_560)]
    [InlineData(9_999_999, 9_999_990)]
    public void Instants_are_cut_to_microseconds_not_rounded(int ticks, int expected)
    {
        Assert.Equal(Now.AddTicks(expected), Instants.Truncate(Now.AddTicks(ticks)));
        Assert.Equal(Now.AddTicks(expected), Instants.ForRecord(Now.AddTicks(ticks), Now));
    }

    [Fact]
    public void Instants_are_kept_in_utc()
    {
        var india = new DateTimeOffset(2026, 1, 30, 22, 15, 23, new TimeSpan(5, 30, 0));

        Assert.Equal((Now, TimeSpan.Zero), (Instants.Truncate(india), Instants.Truncate(india).Offset));
        Assert.Equal((Now, TimeSpan.Zero), (Instants.ForRecord(india, Now), Instants.ForRecord(india, Now).Offset));
    }

    [Fact]
    public void Records_begin_with_1980()
    {
        Assert.Equal(Utc(1980, 1, 1), Instants.ForRecord(Utc(1980, 1, 1), Now));
        Assert.Equal(Utc(1980, 1, 1), Instants.ForRecord(new DateTimeOffset(1979, 12, 31, 19, 0, 0, TimeSpan.FromHours(-5)), Now));
        Refused(Utc(1980, 1, 1).AddTicks(-1), "1979-12-31 23:59:59+00:00");
        Refused(new DateTimeOffset(1980, 1, 1, 0, 30, 0, TimeSpan.FromHours(1)), "1980-01-01 00:30:00+01:00");
        Refused(DateTimeOffset.MinValue, "0001-01-01");
    }

    [Fact]
    public void Records_are_at_most_24_hours_ahead()
    {
        Assert.Equal(Now.AddHours(24), Instants.ForRecord(Now.AddHours(24), Now));
        Refused(Now.AddHours(24).AddTicks(1), "24 hours ahead");
        Refused(DateTimeOffset.MaxValue, "24 hours ahead");
        // It is instants that are compared, not clock times.
        Assert.Equal(Now, Instants.ForRecord(Now.ToOffset(TimeSpan.FromHours(14)), Now.ToOffset(TimeSpan.FromHours(-12))));
    }

    [Fact]
    public void Messages_are_the_same_in_every_culture() => Cultures.In("fa-IR", () => Refused(Utc(1979, 5, 6), "1979-05-06 00:00:00+00:00"));

    [Theory]
    [InlineData("16:45:00", "16:45:00", "16:45:00")]
    [InlineData("16:45:00.0000001", "16:45:00", "17:00:00")]
    [InlineData("16:59:59.9999999", "16:45:00", "17:00:00")]
    [InlineData("00:07:30", "00:00:00", "00:15:00")]
    public void Quarter_hours_lie_around_an_instant(string time, string before, string after)
    {
        Assert.Equal(At(before), Instants.QuarterHour(At(time)));
        Assert.Equal(At(after), Instants.NextQuarterHour(At(time)));
        // India's offset is no whole hour, and its quarter hours are the same.
        Assert.Equal(At(before), Instants.QuarterHour(At(time).ToOffset(new TimeSpan(5, 30, 0))));
        Assert.Equal(At(after), Instants.NextQuarterHour(At(time).ToOffset(new TimeSpan(5, 30, 0))));

        static DateTimeOffset At(string text) => Utc(2026, 1, 30) + TimeSpan.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public void The_last_quarter_hour_of_a_day_ends_with_the_next_day() =>
        Assert.Equal(Utc(2027, 1, 1), Instants.NextQuarterHour(Utc(2026, 12, 31, 23, 45, 1)));

    private static void Refused(DateTimeOffset instant, string message)
    {
        UsageException error = Assert.Throws<UsageException>(() => Instants.ForRecord(instant, Now));
        Assert.Equal(("InvalidTimestamp", UsageErrorKind.InvalidInput, instant), (error.ErrorId, error.Kind, error.Target));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }
}
