using UsageTracking.Time;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Time;

public sealed class WeeklyHoursTests
{
    [Theory]
    [InlineData("9-18", "", "9-18", "")]
    [InlineData("8:30-12, 13-17:15", "", "8:30-12,13-17:15", "")]
    [InlineData("22-6", "", "0-6,22-24", "")]
    [InlineData("22:30-0", "", "22:30-24", "")]
    [InlineData("9,10,11", "", "9-10,10-11,11-12", "")]
    [InlineData("", "Mon-Fri", "", "Monday,Tuesday,Wednesday,Thursday,Friday")]
    [InlineData("", "sat,SUNDAY", "", "Saturday,Sunday")]
    [InlineData("", "Fri-Mon", "", "Monday,Friday,Saturday,Sunday")]
    [InlineData("", "", "", "")]
    public void Reads_hours_and_days(string hours, string days, string expectedHours, string expectedDays)
    {
        WeeklyHours read = WeeklyHours.Parse(hours, days);

        Assert.Equal((expectedHours, expectedDays), (read.Hours, read.Days));
        Assert.Equal(read, WeeklyHours.Parse(read.Hours, read.Days));
        Assert.Equal(hours.Length + days.Length == 0, read.IsAlways);
    }

    [Theory]
    [InlineData("9-25", "")]
    [InlineData("24-25", "")]
    [InlineData("9-9", "")]
    [InlineData("9:10-12", "")]
    [InlineData("nine", "")]
    [InlineData("9-", "")]
    [InlineData("", "Mo")]
    [InlineData("", "Funday")]
    [InlineData("", "Mon-Wed-Fri")]
    public void Refuses_anything_else(string hours, string days) =>
        Assert.Equal("InvalidHours", Assert.Throws<UsageException>(() => WeeklyHours.Parse(hours, days)).ErrorId);

    [Fact]
    public void Cuts_a_range_to_the_hours_and_joins_what_touches()
    {
        // 1 June 2026 is a Monday.
        var range = new TimeRange(Utc(2026, 6, 5, 12), Utc(2026, 6, 8, 10));

        Assert.Equal(["05 12:00-05 18:00", "08 09:00-08 10:00"], Cut("9-18", "Mon-Fri", range));
        Assert.Equal(["06 00:00-08 00:00"], Cut("", "Sat,Sun", range));
        Assert.Equal(["05 22:00-06 06:00", "06 22:00-07 06:00", "07 22:00-08 06:00"], Cut("22-6", "", range));
        Assert.Equal(["05 22:00-06 00:00"], Cut("22-6", "Friday", range));
        Assert.Equal(["05 12:00-05 13:00"], Cut("9,10,11,12", "Friday", range));
        Assert.Equal(["05 12:00-08 10:00"], Cut("", "", range));
        Assert.Empty(Cut("3-4", "Monday", new TimeRange(Utc(2026, 6, 8, 4), Utc(2026, 6, 8, 9))));
    }

    [Fact]
    public void Hours_are_those_of_the_zones_clocks()
    {
        // London's clocks go from 1 to 2 on 29 March 2026 and from 2 back to 1 on 25 October.
        Assert.Equal(["29 00:00-29 01:00", "29 01:00-29 02:00"], [.. Cut("0-1", "Sunday", Day(29, 3), "Europe/London"), .. Cut("2-3", "Sunday", Day(29, 3), "Europe/London")]);
        Assert.Empty(Cut("1-2", "Sunday", Day(29, 3), "Europe/London"));
        Assert.Equal(["25 00:00-25 02:00"], Cut("1-2", "Sunday", Day(25, 10), "Europe/London"));
        // Half past one comes twice, and with it what begins or ends then.
        Assert.Equal(["25 00:30-25 01:00", "25 01:30-25 04:00"], Cut("1:30-4", "Sunday", Day(25, 10), "Europe/London"));
        Assert.Equal(["25 00:00-25 00:30", "25 01:00-25 01:30"], Cut("0-1:30", "Sunday", Day(25, 10), "Europe/London"));

        static TimeRange Day(int day, int month) => new(Utc(2026, month, day), Utc(2026, month, day, 23));
    }

    private static string[] Cut(string hours, string days, TimeRange range, string zone = "UTC") =>
        [.. WeeklyHours.Parse(hours, days).Within(range, Zones.Find(zone)).Select(r => FormattableString.Invariant($"{r.Start.UtcDateTime:dd HH:mm}-{r.End.UtcDateTime:dd HH:mm}"))];
}
