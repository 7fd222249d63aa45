using System.Globalization;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;

namespace UsageTracking.Tests.Time;

public sealed class TimeInputTests
{
    private static readonly TimeZoneInfo London = Zones.Find("Europe/London");

    [Theory]
    // Days, months and years: first instant, and the one after the last.
    [InlineData("2026-01-30", "2026-01-30T00:00:00+00:00", "2026-01-31T00:00:00+00:00")]
    [InlineData("2026-07-01", "2026-07-01T00:00:00+01:00", "2026-07-02T00:00:00+01:00")]
    [InlineData("2026-03-29", "2026-03-29T00:00:00+00:00", "2026-03-30T00:00:00+01:00")]
    [InlineData("2026-10-25", "2026-10-25T00:00:00+01:00", "2026-10-26T00:00:00+00:00")]
    [InlineData("2024-02-29", "2024-02-29T00:00:00+00:00", "2024-03-01T00:00:00+00:00")]
    [InlineData("2026-12-31", "2026-12-31T00:00:00+00:00", "2027-01-01T00:00:00+00:00")]
    [InlineData("2026-03", "2026-03-01T00:00:00+00:00", "2026-04-01T00:00:00+01:00")]
    [InlineData("2026-02", "2026-02-01T00:00:00+00:00", "2026-03-01T00:00:00+00:00")]
    [InlineData("2026-04", "2026-04-01T00:00:00+01:00", "2026-05-01T00:00:00+01:00")]
    [InlineData("2026-12", "2026-12-01T00:00:00+00:00", "2027-01-01T00:00:00+00:00")]
    [InlineData("2026", "2026-01-01T00:00:00+00:00", "2027-01-01T00:00:00+00:00")]
    [InlineData("  2026-01-30  ", "2026-01-30T00:00:00+00:00", "2026-01-31T00:00:00+00:00")]
    public void A_day_a_month_or_a_year_is_all_of_it(string text, string start, string end) => Check(TimeInput.Parse(text), start, end);

    [Theory]
    [InlineData("2026-01-30 16:45", "2026-01-30T16:45:00+00:00")]
    [InlineData("2026-01-30T16:45", "2026-01-30T16:45:00+00:00")]
    [InlineData("2026-01-30t16:45:23", "2026-01-30T16:45:23+00:00")]
    [InlineData("2026-07-30 16:45:23", "2026-07-30T16:45:23+01:00")]
    [InlineData("2026-07-30 00:00:00", "2026-07-30T00:00:00+01:00")]
    [InlineData("2026-01-30 16:45:23.5", "2026-01-30T16:45:23.5000000+00:00")]
    [InlineData("2026-01-30 16:45:23.1234567", "2026-01-30T16:45:23.1234567+00:00")]
    [InlineData("2026-01-30 16:45:23.123456789", "2026-01-30T16:45:23.1234567+00:00")]
    [InlineData("2026-01-30 16:45:23.000000009", "2026-01-30T16:45:23+00:00")]
    public void A_clock_time_is_one_of_the_zone(string text, string instant) => Check(TimeInput.Parse(text), instant, instant);

    [Theory]
    [InlineData("2026-01-30T16:45:23Z", "2026-01-30T16:45:23+00:00")]
    [InlineData("2026-01-30T16:45:23z", "2026-01-30T16:45:23+00:00")]
    [InlineData("2026-01-30 16:45Z", "2026-01-30T16:45:00+00:00")]
    [InlineData("2026-01-30T16:45:23+01:00", "2026-01-30T16:45:23+01:00")]
    [InlineData("2026-01-30T16:45:23-0330", "2026-01-30T16:45:23-03:30")]
    [InlineData("2026-01-30T16:45:23.25+05", "2026-01-30T16:45:23.2500000+05:00")]
    [InlineData("2026-01-30 16:45:23 +05:45", "2026-01-30T16:45:23+05:45")]
    [InlineData("2026-01-30T16:45:23-00:00", "2026-01-30T16:45:23+00:00")]
    [InlineData("2026-01-30T16:45:23+14:00", "2026-01-30T16:45:23+14:00")]
    // Not even the gap of London matters where the offset is given.
    [InlineData("2026-03-29T01:30:00+01:00", "2026-03-29T01:30:00+01:00")]
    public void An_offset_makes_it_an_instant(string text, string instant) => Check(TimeInput.Parse(text), instant, instant);

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("yesterday")]
    [InlineData("01/02/2026")]
    [InlineData("30.01.2026")]
    [InlineData("26-01-30")]
    [InlineData("20260130")]
    [InlineData("2026-1-30")]
    [InlineData("2026-W05")]
    [InlineData("2026-030")]
    [InlineData("2026-13-01")]
    [InlineData("2026-00-01")]
    [InlineData("2026-01-00")]
    [InlineData("2026-02-30")]
    [InlineData("2025-02-29")]
    [InlineData("2026-13")]
    [InlineData("0000")]
    [InlineData("12")]
    [InlineData("12026")]
    [InlineData("2026-")]
    [InlineData("2026-01-30T")]
    [InlineData("2026-01-30 16")]
    [InlineData("2026-01-30 4:45 PM")]
    [InlineData("2026-01-30 24:00")]
    [InlineData("2026-01-30 16:60")]
    [InlineData("2026-01-30 16:45:60")]
    [InlineData("2026-01-30 16:45:23.")]
    [InlineData("2026-01-30 16:45:23,5")]
    [InlineData("2026-01-30 16:45:23.1234567890")]
    [InlineData("2026-01-30  16:45")]
    [InlineData("2026-01-30Z")]
    [InlineData("2026-01-30+01:00")]
    [InlineData("2026-01-30T16:45:23+1")]
    [InlineData("2026-01-30T16:45:23+01:75")]
    [InlineData("2026-01-30T16:45:23+0160")]
    [InlineData("2026-01-30T16:45:23+15:00")]
    [InlineData("2026-01-30T16:45:23+14:01")]
    [InlineData("2026-01-30T16:45:23 Europe/London")]
    [InlineData("2026-01-30 x")]
    [InlineData("0001-01-01T00:00:00+01:00")]
    [InlineData("２０２６-01-30")]
    [InlineData("٢٠٢٦")]
    [InlineData("2026-01-30T16:45:23+٠١:00")]
    public void Text_in_another_form_is_an_error_that_shows_the_right_one(string text)
    {
        UsageException error = Assert.Throws<UsageException>(() => TimeInput.Parse(text));

        Assert.Equal(("InvalidTimestamp", UsageErrorKind.InvalidInput), (error.ErrorId, error.Kind));
        Assert.Contains($"'{text}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'2026-01-30 16:45:23'", error.Message, StringComparison.Ordinal);
        Assert.Equal("InvalidTimestamp", Assert.Throws<UsageException>(() => TimeInput.From(text)).ErrorId);
    }

    [Fact]
    public void What_is_no_time_at_all_is_an_error()
    {
        foreach (object? value in (object?[])[null, 12, 1899, 10_000, 20260130, 2026.0, 2026m, true, new TimeOnly(12, 0), TimeSpan.FromDays(1), new object(), new DateTime[1]])
        {
            UsageException error = Assert.Throws<UsageException>(() => TimeInput.From(value));
            Assert.Equal("InvalidTimestamp", error.ErrorId);
        }
    }

    [Fact]
    public void A_DateTime_is_the_instant_its_kind_says()
    {
        var noon = new DateTime(2026, 7, 1, 12, 0, 0);
        Check(TimeInput.From(noon), "2026-07-01T12:00:00+01:00", "2026-07-01T12:00:00+01:00");
        Check(TimeInput.From(DateTime.SpecifyKind(noon, DateTimeKind.Utc)), "2026-07-01T12:00:00+00:00", "2026-07-01T12:00:00+00:00");

        var local = DateTime.SpecifyKind(noon, DateTimeKind.Local);
        Assert.Equal(local.ToUniversalTime(), TimeInput.From(local).Start(London).UtcDateTime);
        Assert.Equal(local.ToUniversalTime(), TimeInput.From(local).End(London).UtcDateTime);
    }

    [Fact]
    public void A_DateTime_at_midnight_is_an_instant_too_and_no_day()
    {
        Check(TimeInput.From(new DateTime(2026, 7, 1)), "2026-07-01T00:00:00+01:00", "2026-07-01T00:00:00+01:00");
        Check(TimeInput.From(new DateTimeOffset(2026, 7, 1, 0, 0, 0, TimeSpan.Zero)), "2026-07-01T00:00:00+00:00", "2026-07-01T00:00:00+00:00");
    }

    [Fact]
    public void Other_forms_are_what_they_are()
    {
        var instant = new DateTimeOffset(2026, 7, 1, 12, 0, 0, TimeSpan.FromHours(-5));
        Check(TimeInput.From(instant), "2026-07-01T12:00:00-05:00", "2026-07-01T12:00:00-05:00");
        Check(TimeInput.From(new DateOnly(2026, 3, 29)), "2026-03-29T00:00:00+00:00", "2026-03-30T00:00:00+01:00");
        Check(TimeInput.From(2026), "2026-01-01T00:00:00+00:00", "2027-01-01T00:00:00+00:00");
        Check(TimeInput.From("2026-03"), "2026-03-01T00:00:00+00:00", "2026-04-01T00:00:00+01:00");
        Check(TimeInput.From(TimeInput.Parse("2026-03")), "2026-03-01T00:00:00+00:00", "2026-04-01T00:00:00+01:00");
        Assert.Equal(TimeInput.Parse("2026-03-29"), TimeInput.From(new DateOnly(2026, 3, 29)));
        Assert.NotEqual(TimeInput.Parse("2026-03"), TimeInput.Parse("2026-03-01"));
    }

    [Theory]
    [InlineData("Europe/London", "2026-03-29 01:00", "01:00", "02:00")]
    [InlineData("Europe/London", "2026-03-29 01:30", "01:00", "02:00")]
    [InlineData("Europe/London", "2026-03-29 01:59:59.9999999", "01:00", "02:00")]
    // Daylight saving of these is negative: winter is the exception.
    [InlineData("Europe/Dublin", "2026-03-29 01:30", "01:00", "02:00")]
    [InlineData("Africa/Casablanca", "2026-03-22 02:30", "02:00", "03:00")]
    [InlineData("America/New_York", "2026-03-08 02:30", "02:00", "03:00")]
    [InlineData("Australia/Lord_Howe", "2026-10-04 02:15", "02:00", "02:30")]
    [InlineData("America/Sao_Paulo", "2018-11-04 00:00", "00:00", "01:00")]
    [InlineData("Asia/Beirut", "2026-03-29 00:30", "00:00", "01:00")]
    [InlineData("Africa/Cairo", "2026-04-24 00:30", "00:00", "01:00")]
    // Changes of the base offset, for good.
    [InlineData("America/Caracas", "2016-05-01 02:45", "02:30", "03:00")]
    [InlineData("Africa/Juba", "2000-01-15 12:30", "12:00", "13:00")]
    public void A_clock_time_that_does_not_occur_is_an_error_that_names_the_gap(string zone, string text, string gapStart, string gapEnd)
    {
        TimeInput input = TimeInput.Parse(text);

        foreach (Func<TimeZoneInfo, DateTimeOffset> meaning in (Func<TimeZoneInfo, DateTimeOffset>[])[input.Start, input.End])
        {
            UsageException error = Assert.Throws<UsageException>(() => meaning(Zones.Find(zone)));
            Assert.Equal("InvalidTimestamp", error.ErrorId);
            Assert.Contains(text[..16], error.Message, StringComparison.Ordinal);
            Assert.Contains(zone, error.Message, StringComparison.Ordinal);
            Assert.Contains($"from {gapStart} to {gapEnd} ", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Europe/London", "2026-03-29 00:59:59", "2026-03-29T00:59:59+00:00")]
    [InlineData("Europe/London", "2026-03-29 02:00", "2026-03-29T02:00:00+01:00")]
    // Twice: the first.
    [InlineData("Europe/London", "2026-10-25 01:00", "2026-10-25T01:00:00+01:00")]
    [InlineData("Europe/London", "2026-10-25 01:59:59", "2026-10-25T01:59:59+01:00")]
    [InlineData("Europe/London", "2026-10-25 02:00", "2026-10-25T02:00:00+00:00")]
    [InlineData("Europe/Dublin", "2026-10-25 01:30", "2026-10-25T01:30:00+01:00")]
    [InlineData("Africa/Casablanca", "2026-02-15 02:30", "2026-02-15T02:30:00+01:00")]
    [InlineData("America/New_York", "2026-11-01 01:30", "2026-11-01T01:30:00-04:00")]
    [InlineData("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-05T01:45:00+11:00")]
    [InlineData("America/Sao_Paulo", "2018-02-17 23:30", "2018-02-17T23:30:00-02:00")]
    [InlineData("America/Havana", "2026-11-01 00:30", "2026-11-01T00:30:00-04:00")]
    [InlineData("Europe/Moscow", "2014-10-26 01:30", "2014-10-26T01:30:00+04:00")]
    public void Next_to_a_gap_a_clock_time_is_itself_and_one_that_occurs_twice_is_the_first(string zone, string text, string instant) =>
        Check(TimeInput.Parse(text), instant, instant, Zones.Find(zone));

    [Theory]
    [InlineData("America/Sao_Paulo", "2018-11-04", "2018-11-04T01:00:00-02:00", "2018-11-05T00:00:00-02:00")]
    [InlineData("America/Sao_Paulo", "2018-11-03", "2018-11-03T00:00:00-03:00", "2018-11-04T01:00:00-02:00")]
    [InlineData("Asia/Beirut", "2026-03-29", "2026-03-29T01:00:00+03:00", "2026-03-30T00:00:00+03:00")]
    [InlineData("Africa/Cairo", "2026-04-24", "2026-04-24T01:00:00+03:00", "2026-04-25T00:00:00+03:00")]
    [InlineData("Asia/Tehran", "2021-03-22", "2021-03-22T01:00:00+04:30", "2021-03-23T00:00:00+04:30")]
    // Midnight twice: the day has 25 hours, from the first.
    [InlineData("America/Havana", "2026-11-01", "2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00")]
    // Half past eleven on 4 May was followed by 5 May.
    [InlineData("Asia/Pyongyang", "2018-05-04", "2018-05-04T00:00:00+08:30", "2018-05-05T00:00:00+09:00")]
    // Samoa had no 30 December 2011: nothing is all of it.
    [InlineData("Pacific/Apia", "2011-12-29", "2011-12-29T00:00:00-10:00", "2011-12-31T00:00:00+14:00")]
    [InlineData("Pacific/Apia", "2011-12-30", "2011-12-31T00:00:00+14:00", "2011-12-31T00:00:00+14:00")]
    [InlineData("Pacific/Apia", "2011-12", "2011-12-01T00:00:00-10:00", "2012-01-01T00:00:00+14:00")]
    public void A_day_begins_with_its_first_instant_even_where_that_is_not_midnight(string zone, string day, string start, string end) =>
        Check(TimeInput.Parse(day), start, end, Zones.Find(zone));

    [Theory]
    [InlineData("UTC")]
    [InlineData("Pacific/Kiritimati")]
    [InlineData("Pacific/Pago_Pago")]
    public void The_ends_of_the_calendar_are_before_and_after_everything(string zone)
    {
        TimeZoneInfo there = Zones.Find(zone);
        foreach (object late in (object[])["9999", "9999-12", "9999-12-31", "9999-12-31 23:59:59", DateOnly.MaxValue, DateTime.MaxValue])
        {
            Assert.InRange(TimeInput.From(late).Start(there), TimeRange.Everything.End, DateTimeOffset.MaxValue);
            Assert.InRange(TimeInput.From(late).End(there), TimeRange.Everything.End, DateTimeOffset.MaxValue);
        }

        foreach (object early in (object[])["0001", "0001-01", "0001-01-01", "0001-01-01 00:00", DateOnly.MinValue, DateTime.MinValue])
        {
            Assert.InRange(TimeInput.From(early).Start(there), DateTimeOffset.MinValue, TimeRange.Everything.Start.AddYears(-1000));
            Assert.InRange(TimeInput.From(early).End(there), DateTimeOffset.MinValue, TimeRange.Everything.Start.AddYears(-1000));
        }

        Assert.Equal(new DateTime(9999, 1, 1), TimeInput.Parse("9998").End(there).DateTime);
    }

    [Fact]
    public void A_session_in_another_calendar_reads_the_same() => Cultures.In("fa-IR", () =>
    {
        Check(TimeInput.Parse("2026-01-30 16:45"), "2026-01-30T16:45:00+00:00", "2026-01-30T16:45:00+00:00");
        UsageException error = Assert.Throws<UsageException>(() => TimeInput.Parse("2026-03-29 01:30").Start(London));
        Assert.Contains("2026-03-29 01:30:00", error.Message, StringComparison.Ordinal);
    });

    // The offset counts: it is the one in force then.
    private static void Check(TimeInput input, string start, string end, TimeZoneInfo? zone = null)
    {
        Assert.Equal(Exact(start), Shown(input.Start(zone ?? London)));
        Assert.Equal(Exact(end), Shown(input.End(zone ?? London)));

        static string Exact(string text) => Shown(DateTimeOffset.Parse(text, CultureInfo.InvariantCulture));

        static string Shown(DateTimeOffset instant) => instant.ToString("o", CultureInfo.InvariantCulture);
    }
}
