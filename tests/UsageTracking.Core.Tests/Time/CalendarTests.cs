using System.Globalization;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;
using static UsageTracking.Tests.Testing.Records;
using Calendar = UsageTracking.Time.Calendar;

namespace UsageTracking.Tests.Time;

public sealed class CalendarTests
{
    [Fact]
    public void Days_of_23_and_25_hours_are_right()
    {
        Assert.Equal(
            [
                "2026-03-28 00:00+00:00 24:00",
                "2026-03-29 00:00+00:00 23:00",
                "2026-03-30 00:00+01:00 24:00",
            ],
            Shown("Europe/London", PeriodKind.Daily, "2026-03-28", "2026-03-30"));
        Assert.Equal(
            [
                "2026-10-24 00:00+01:00 24:00",
                "2026-10-25 00:00+01:00 25:00",
                "2026-10-26 00:00+00:00 24:00",
            ],
            Shown("Europe/London", PeriodKind.Daily, "2026-10-24", "2026-10-26"));
        Assert.Equal(
            ["2026-10-04 00:00+10:30 23:30"],
            Shown("Australia/Lord_Howe", PeriodKind.Daily, "2026-10-04", "2026-10-04"));
    }

    [Theory]
    // No midnight: the day begins at one.
    [InlineData("America/Sao_Paulo", "2018-11-04", "2018-11-04 01:00-02:00 23:00")]
    [InlineData("Asia/Beirut", "2026-03-29", "2026-03-29 01:00+03:00 23:00")]
    [InlineData("Africa/Cairo", "2026-04-24", "2026-04-24 01:00+03:00 23:00")]
    // Midnight goes back to eleven: that hour is the old day's.
    [InlineData("America/Sao_Paulo", "2018-02-17", "2018-02-17 00:00-02:00 25:00")]
    [InlineData("Africa/Cairo", "2026-10-29", "2026-10-29 00:00+03:00 25:00")]
    // Two midnights: the day begins with the first.
    [InlineData("America/Havana", "2026-11-01", "2026-11-01 00:00-04:00 25:00")]
    [InlineData("Asia/Pyongyang", "2018-05-04", "2018-05-04 00:00+08:30 23:30")]
    public void A_day_begins_with_its_first_instant_even_where_that_is_not_midnight(string zone, string day, string expected) =>
        Assert.Equal([expected], Shown(zone, PeriodKind.Daily, day, day));

    [Fact]
    public void A_day_that_a_zone_left_out_is_no_period() => Assert.Equal(
        [
            "2011-12-28 00:00-10:00 24:00",
            "2011-12-29 00:00-10:00 24:00",
            "2011-12-31 00:00+14:00 24:00",
            "2012-01-01 00:00+14:00 24:00",
        ],
        Shown("Pacific/Apia", PeriodKind.Daily, "2011-12-28", "2012-01-01"));

    [Fact]
    public void A_day_of_23_hours_has_23_hours_and_one_of_25_has_25()
    {
        string[] spring = Shown("Europe/London", PeriodKind.Hourly, "2026-03-29", "2026-03-29");
        Assert.Equal(23, spring.Length);
        Assert.Equal(["2026-03-29 00:00+00:00 01:00", "2026-03-29 02:00+01:00 01:00", "2026-03-29 03:00+01:00 01:00"], spring[..3]);
        Assert.Equal("2026-03-29 23:00+01:00 01:00", spring[^1]);

        string[] autumn = Shown("Europe/London", PeriodKind.Hourly, "2026-10-25", "2026-10-25");
        Assert.Equal(25, autumn.Length);
        Assert.Equal(
            ["2026-10-25 00:00+01:00 01:00", "2026-10-25 01:00+01:00 01:00", "2026-10-25 01:00+00:00 01:00", "2026-10-25 02:00+00:00 01:00"],
            autumn[..4]);
        Assert.Equal("2026-10-25 23:00+00:00 01:00", autumn[^1]);
    }

    [Fact]
    public void Half_an_hour_back_cuts_the_repeated_hour_in_two()
    {
        // 02:00+11:00 is 01:30+10:30: the second one o'clock has only its latter half.
        string[] expected =
        [
            "2026-04-05 00:00+11:00 01:00",
            "2026-04-05 01:00+11:00 01:00",
            "2026-04-05 01:30+10:30 00:30",
            .. Enumerable.Range(2, 22).Select(h => $"2026-04-05 {h:00}:00+10:30 01:00"),
        ];

        Assert.Equal(expected, Shown("Australia/Lord_Howe", PeriodKind.Hourly, "2026-04-05", "2026-04-05"));
        Assert.Equal(["2026-04-05 00:00+11:00 24:30"], Shown("Australia/Lord_Howe", PeriodKind.Daily, "2026-04-05", "2026-04-05"));
    }

    [Fact]
    public void Half_an_hour_forward_leaves_half_of_the_hour_it_jumps_into()
    {
        string[] expected =
        [
            "2026-10-04 00:00+10:30 01:00",
            "2026-10-04 01:00+10:30 01:00",
            "2026-10-04 02:30+11:00 00:30",
            .. Enumerable.Range(3, 21).Select(h => $"2026-10-04 {h:00}:00+11:00 01:00"),
        ];

        Assert.Equal(expected, Shown("Australia/Lord_Howe", PeriodKind.Hourly, "2026-10-04", "2026-10-04"));
    }

    [Fact]
    public void Hours_are_the_zones_own_where_its_offset_is_no_whole_hour()
    {
        IReadOnlyList<Period> hours = Calendar.Periods(new TimeRange(Utc(2026, 1, 1), Utc(2026, 1, 1, 2)), PeriodKind.Hourly, Zones.Find("Asia/Kathmandu"));

        Assert.Equal(["2026-01-01 05:00+05:45 01:00", "2026-01-01 06:00+05:45 01:00", "2026-01-01 07:00+05:45 01:00"], hours.Select(Text));
        Assert.Equal(Utc(2025, 12, 31, 23, 15), hours[0].Start);
        Assert.Equal(Utc(2026, 1, 1, 2, 15), hours[^1].End);
    }

    [Fact]
    public void Weeks_begin_on_Monday()
    {
        // 1 January 2026 is a Thursday.
        Assert.Equal(
            ["2025-12-29 00:00+00:00 7.00:00", "2026-01-05 00:00+00:00 7.00:00"],
            Shown("UTC", PeriodKind.Weekly, "2026-01-01", "2026-01-11"));
        Assert.Equal(["2026-01-12 00:00+00:00 7.00:00"], Shown("UTC", PeriodKind.Weekly, "2026-01-12", "2026-01-12"));
        Assert.Equal(["2026-01-05 00:00+00:00 7.00:00"], Shown("UTC", PeriodKind.Weekly, "2026-01-11", "2026-01-11"));
        Assert.Equal(["2026-03-23 00:00+00:00 6.23:00"], Shown("Europe/London", PeriodKind.Weekly, "2026-03-29", "2026-03-29"));
    }

    [Fact]
    public void Months_have_the_length_they_have()
    {
        Assert.Equal(
            ["2024-02-01 00:00+00:00 29.00:00", "2024-03-01 00:00+00:00 30.23:00", "2024-04-01 00:00+01:00 30.00:00"],
            Shown("Europe/London", PeriodKind.Monthly, "2024-02-29", "2024-04-01"));
        Assert.Equal(
            ["2026-12-01 00:00+00:00 31.00:00", "2027-01-01 00:00+00:00 31.00:00"],
            Shown("UTC", PeriodKind.Monthly, "2026-12-31", "2027-01-01"));
        Assert.Equal(["2011-12-01 00:00-10:00 30.00:00"], Shown("Pacific/Apia", PeriodKind.Monthly, "2011-12-05", "2011-12-05"));
    }

    [Theory]
    [InlineData(PeriodKind.Hourly, "2026-01-30 16:00+00:00 01:00", "2026-01-30 17:00+00:00 01:00")]
    [InlineData(PeriodKind.Daily, "2026-01-30 00:00+00:00 24:00")]
    [InlineData(PeriodKind.Weekly, "2026-01-26 00:00+00:00 7.00:00")]
    [InlineData(PeriodKind.Monthly, "2026-01-01 00:00+00:00 31.00:00")]
    public void A_range_inside_of_periods_gives_whole_ones(PeriodKind kind, params string[] expected) => Assert.Equal(
        expected,
        Calendar.Periods(new TimeRange(Utc(2026, 1, 30, 16, 59, 59).AddTicks(9_999_999), Utc(2026, 1, 30, 17).AddTicks(1)), kind, TimeZoneInfo.Utc).Select(Text));

    [Theory]
    [InlineData(PeriodKind.Hourly)]
    [InlineData(PeriodKind.Daily)]
    [InlineData(PeriodKind.Weekly)]
    [InlineData(PeriodKind.Monthly)]
    public void The_end_of_a_range_belongs_to_no_period(PeriodKind kind)
    {
        // 1 June 2026 is a Monday.
        DateTimeOffset bound = Utc(2026, 6, 1);

        Period before = Assert.Single(Calendar.Periods(new TimeRange(bound.AddTicks(-1), bound), kind, TimeZoneInfo.Utc));
        Period after = Assert.Single(Calendar.Periods(new TimeRange(bound, bound.AddTicks(1)), kind, TimeZoneInfo.Utc));
        Assert.Equal((bound, bound), (before.End, after.Start));
        Assert.Empty(Calendar.Periods(new TimeRange(bound, bound), kind, TimeZoneInfo.Utc));
        Assert.Empty(Calendar.Periods(new TimeRange(bound.AddTicks(7), bound.AddTicks(7)), kind, TimeZoneInfo.Utc));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Periods_cover_the_range_without_gaps_in_every_zone(int seed)
    {
        var random = new Random(seed);
        foreach (TimeZoneInfo zone in ZoneSamples.All)
        {
            DateTimeOffset[] changes = [.. Zones.OffsetChanges(Utc(1985, 1, 1), Utc(2038, 1, 1), zone), Utc(2026, 1, 1)];
            for (int i = 0; i < 40; i++)
            {
                PeriodKind kind = (PeriodKind)random.Next(4);
                DateTimeOffset start = changes[random.Next(changes.Length)].AddTicks(random.NextInt64(-4, 4) * TimeSpan.TicksPerMinute * 15)
                    .AddTicks(random.NextInt64(-40_000_000, 40_000_000) * random.Next(2) * 1000);
                TimeSpan longest = TimeSpan.FromDays(kind switch { PeriodKind.Hourly => 5, PeriodKind.Daily => 60, _ => 800 });
                var range = new TimeRange(start, start.AddTicks(1 + random.NextInt64(longest.Ticks)));

                IReadOnlyList<Period> periods = Calendar.Periods(range, kind, zone);

                Assert.True(periods[0].Start <= range.Start && range.Start < periods[0].End, $"{zone.Id} {kind} {range} starts with {periods[0]}");
                Assert.True(periods[^1].Start < range.End && range.End <= periods[^1].End, $"{zone.Id} {kind} {range} ends with {periods[^1]}");
                for (int p = 0; p < periods.Count; p++)
                {
                    Assert.True(periods[p].Start < periods[p].End);
                    Assert.Equal(zone.GetUtcOffset(periods[p].Start), periods[p].Start.Offset);
                    if (p > 0)
                        Assert.Equal(periods[p - 1].End, periods[p].Start);
                }

                // Asking for one of them gives that one.
                Period any = periods[random.Next(periods.Count)];
                Assert.Equal([any], Calendar.Periods(new TimeRange(any.Start, any.End), kind, zone));
            }
        }
    }

    [Fact]
    public void Days_weeks_and_months_begin_when_the_clocks_first_show_their_date()
    {
        // The clocks, read every quarter of an hour for some years, from the middle of a week and of a month.
        DateTimeOffset from = Utc(2009, 12, 10);
        DateTimeOffset to = Utc(2012, 2, 1);
        foreach (TimeZoneInfo zone in ZoneSamples.All)
        {
            List<(DateTime Date, DateTimeOffset Start)> dates = FirstShown(from, to, zone);

            Assert.Equal(dates.Select(d => d.Start), Starts(PeriodKind.Daily));
            Assert.Equal(FirstOf(d => ISOWeek.GetYear(d), d => ISOWeek.GetWeekOfYear(d)), Starts(PeriodKind.Weekly));
            Assert.Equal(FirstOf(d => d.Year, d => d.Month), Starts(PeriodKind.Monthly));

            IEnumerable<DateTimeOffset> FirstOf(params Func<DateTime, int>[] keys) => dates
                .Where((d, i) => i > 0 && keys.Any(key => key(d.Date) != key(dates[i - 1].Date)))
                .Select(d => d.Start);

            IEnumerable<DateTimeOffset> Starts(PeriodKind kind) =>
                Calendar.Periods(new TimeRange(from, to), kind, zone).Select(p => p.Start).Where(s => s > from);
        }
    }

    [Fact]
    public void Days_and_hours_around_every_change_begin_when_the_clocks_say_so()
    {
        // Minute by minute, two days before and after each change.
        foreach (TimeZoneInfo zone in ZoneSamples.All)
        {
            foreach (DateTimeOffset change in Zones.OffsetChanges(Utc(2017, 6, 1), Utc(2018, 12, 1), zone))
            {
                DateTimeOffset from = Instants.QuarterHour(change).AddDays(-2);
                DateTimeOffset to = from.AddDays(4);
                var hours = new List<DateTimeOffset>();
                var days = new List<DateTimeOffset>();
                (TimeSpan Offset, DateTime Hour) hour = default;
                DateTime latest = DateTime.MinValue;
                for (DateTimeOffset time = from; time < to; time = time.AddMinutes(1))
                {
                    TimeSpan offset = zone.GetUtcOffset(time);
                    DateTime local = time.UtcDateTime + offset;
                    if ((offset, local.Date.AddHours(local.Hour)) != hour)
                        hours.Add(time);
                    if (local.Date > latest)
                        days.Add(time);
                    hour = (offset, local.Date.AddHours(local.Hour));
                    latest = local.Date > latest ? local.Date : latest;
                }

                // The first may have begun before.
                Assert.Equal(hours.Skip(1), Calendar.Periods(new TimeRange(from, to), PeriodKind.Hourly, zone).Select(p => p.Start).Where(s => s > from));
                Assert.Equal(days.Skip(1), Calendar.Periods(new TimeRange(from, to), PeriodKind.Daily, zone).Select(p => p.Start).Where(s => s > from));
            }
        }
    }

    private static List<(DateTime Date, DateTimeOffset Start)> FirstShown(DateTimeOffset from, DateTimeOffset to, TimeZoneInfo zone)
    {
        var dates = new List<(DateTime Date, DateTimeOffset Start)>();
        DateTime latest = (from.UtcDateTime + zone.GetUtcOffset(from)).Date;
        for (DateTimeOffset time = from; time < to; time = time.AddMinutes(15))
        {
            DateTime date = (time.UtcDateTime + zone.GetUtcOffset(time)).Date;
            if (date > latest)
            {
                dates.Add((date, time));
                latest = date;
            }
        }

        return dates;
    }

    // The periods of whole days: first instant by the zone's clocks, and length.
    private static string[] Shown(string zone, PeriodKind kind, string firstDay, string lastDay)
    {
        TimeZoneInfo there = Zones.Find(zone);
        var range = new TimeRange(TimeInput.Parse(firstDay).Start(there), TimeInput.Parse(lastDay).End(there));
        return [.. Calendar.Periods(range, kind, there).Select(Text)];
    }

    private static string Text(Period period)
    {
        TimeSpan length = period.End - period.Start;
        string days = length > TimeSpan.FromHours(25) ? $"{length.Days}.{length.Hours:00}:{length.Minutes:00}" : $"{(int)length.TotalHours:00}:{length.Minutes:00}";
        return period.Start.ToString("yyyy-MM-dd HH:mmzzz ", CultureInfo.InvariantCulture) + days;
    }
}
