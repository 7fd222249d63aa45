using UsageTracking.Metering;
using UsageTracking.Quotas;
using UsageTracking.Stores;
using UsageTracking.Time;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Quotas;

public sealed class QuotaTests
{
    private static readonly Service Bandwidth = new("bandwidth", "GB", true, 3);

    [Theory]
    // An anchor of 31 is the last day of a shorter month, and the next month is not drawn along.
    [InlineData(QuotaPeriod.Monthly, 31, "2026-01-30", "2025-12-31", "2026-01-31")]
    [InlineData(QuotaPeriod.Monthly, 31, "2026-02-27", "2026-01-31", "2026-02-28")]
    [InlineData(QuotaPeriod.Monthly, 31, "2026-02-28", "2026-02-28", "2026-03-31")]
    [InlineData(QuotaPeriod.Monthly, 31, "2024-02-28", "2024-01-31", "2024-02-29")]
    [InlineData(QuotaPeriod.Monthly, 15, "2026-01-14", "2025-12-15", "2026-01-15")]
    [InlineData(QuotaPeriod.Monthly, 1, "2026-12-31", "2026-12-01", "2027-01-01")]
    // 1 June 2026 is a Monday.
    [InlineData(QuotaPeriod.Weekly, 1, "2026-06-07", "2026-06-01", "2026-06-08")]
    [InlineData(QuotaPeriod.Weekly, 7, "2026-06-06", "2026-05-31", "2026-06-07")]
    [InlineData(QuotaPeriod.Weekly, 1, "1999-12-31", "1999-12-27", "2000-01-03")]
    [InlineData(QuotaPeriod.Daily, 1, "2026-06-07", "2026-06-07", "2026-06-08")]
    public void Periods_begin_on_their_day(QuotaPeriod period, int anchor, string day, string start, string end)
    {
        QuotaTerm term = Own(Setting("1980-01-01", period: period, anchor: anchor)).TermAt(At(day, 23))!;

        Assert.Equal((At(start), At(end)), (term.Start, term.End));
    }

    [Fact]
    public void Periods_follow_each_other_without_gaps_in_every_zone()
    {
        foreach (string zone in new[] { "UTC", "Europe/London", "Asia/Gaza", "America/Sao_Paulo", "Pacific/Apia", "Australia/Lord_Howe" })
        {
            foreach (QuotaPeriod period in Enum.GetValues<QuotaPeriod>())
            {
                Quota quota = Own(Setting("1980-01-01", period: period, zone: zone));
                DateTimeOffset at = Utc(2011, 12, 1);
                for (QuotaTerm term = quota.TermAt(at)!; term.Start < Utc(2012, 3, 1); term = quota.TermAt(term.End)!)
                {
                    Assert.True(term.Start <= at && at < term.End);
                    Assert.Equal(term.End, quota.TermAt(term.End)!.Start);
                    Assert.Equal(term, quota.TermAt(term.End.AddTicks(-1)));
                    Assert.Equal(TimeSpan.Zero, TimeZoneInfo.ConvertTime(term.Start, Zones.Find(zone)).TimeOfDay);
                    at = term.End;
                }
            }
        }
    }

    [Fact]
    public void A_setting_is_in_force_from_its_day_until_the_next()
    {
        Quota quota = Own(Setting("2026-01-01", 100), Setting("2026-04-15", 200, anchor: 15), Setting("2026-08-15", -1, isEnded: true));

        Assert.Null(quota.TermAt(At("2025-12-31", 23)));
        Assert.Equal(100, quota.TermAt(At("2026-04-14"))!.Rule.Limit);
        // The other one begins before its period ends.
        Assert.Equal(At("2026-04-15"), quota.TermAt(At("2026-04-14"))!.End);
        Assert.Equal((200, At("2026-05-15")), (quota.TermAt(At("2026-04-15"))!.Rule.Limit, quota.TermAt(At("2026-04-15"))!.End));
        Assert.Null(quota.TermAt(At("2026-08-15")));
    }

    [Fact]
    public void Where_the_customer_has_no_quota_the_plans_is_in_force()
    {
        var plan = new PlanQuota("acme", "bandwidth", "pro", 1000, "gb", QuotaEnforcement.Hard, "monthly", Utc(2026, 3, 10, 14, 23), Utc(2026, 4, 10, 14, 23));
        var quota = new Quota("acme", Bandwidth, [Setting("2026-06-01", 50), Setting("2026-07-01", -1, isEnded: true)], plan);

        Assert.Equal((1000, "pro", Utc(2026, 3, 10, 14, 23), Utc(2026, 4, 10, 14, 23)), Show(Utc(2026, 3, 20)));
        // A period that has passed rolls forward, and those before it back.
        Assert.Equal((1000, "pro", Utc(2026, 8, 10, 14, 23), Utc(2026, 9, 10, 14, 23)), Show(Utc(2026, 8, 20)));
        Assert.Equal((1000, "pro", Utc(2026, 2, 10, 14, 23), Utc(2026, 3, 10, 14, 23)), Show(Utc(2026, 3, 10, 14)));
        Assert.Equal((1000, "pro", Utc(2026, 5, 10, 14, 23), Utc(2026, 6, 1)), Show(Utc(2026, 5, 31)));
        Assert.Equal((50, null, Utc(2026, 6, 1), Utc(2026, 7, 1)), Show(Utc(2026, 6, 20)));
        Assert.Equal((1000, "pro", Utc(2026, 7, 1), Utc(2026, 7, 10, 14, 23)), Show(Utc(2026, 7, 1)));

        (decimal, string?, DateTimeOffset, DateTimeOffset) Show(DateTimeOffset at)
        {
            QuotaTerm term = quota.TermAt(at)!;
            return (term.Rule.Limit, term.Rule.PlanName, term.Start, term.End);
        }
    }

    [Theory]
    [InlineData("daily", "2026-03-20 14:23", "2026-03-21 14:23")]
    [InlineData("weekly", "2026-03-17 14:23", "2026-03-24 14:23")]
    [InlineData("YEARLY", "2026-03-10 14:23", "2027-03-10 14:23")]
    [InlineData(null, "2026-03-10 14:23", "2026-04-10 14:23")]
    public void A_plan_begins_anew_after_its_own_time(string? reset, string start, string end)
    {
        var plan = new PlanQuota("acme", "bandwidth", "pro", 1000, null, QuotaEnforcement.Soft, reset, Utc(2026, 3, 10, 14, 23), Utc(2027, 3, 10, 14, 23));

        QuotaTerm term = new Quota("acme", Bandwidth, [], plan).TermAt(Utc(2026, 3, 20, 20))!;

        Assert.Equal((TimeInput.Parse(start).Start(TimeZoneInfo.Utc), TimeInput.Parse(end).Start(TimeZoneInfo.Utc)), (term.Start, term.End));
    }

    [Fact]
    public void A_trial_is_a_period_of_its_own_and_what_follows_counts_from_its_end()
    {
        var plan = new PlanQuota("acme", "bandwidth", "pro", 10, null, QuotaEnforcement.Soft, "monthly", Utc(2026, 3, 1), Utc(2026, 3, 15));
        var quota = new Quota("acme", Bandwidth, [], plan);

        Assert.Equal((Utc(2026, 3, 1), Utc(2026, 3, 15)), (quota.TermAt(Utc(2026, 3, 14))!.Start, quota.TermAt(Utc(2026, 3, 14))!.End));
        Assert.Equal((Utc(2026, 3, 15), Utc(2026, 4, 15)), (quota.TermAt(Utc(2026, 3, 15))!.Start, quota.TermAt(Utc(2026, 3, 15))!.End));
    }

    [Theory]
    [InlineData("daily")]
    [InlineData("weekly")]
    [InlineData("monthly")]
    [InlineData("yearly")]
    public void A_subscription_may_be_for_ever(string reset)
    {
        var plan = new PlanQuota("acme", "bandwidth", "pro", 10, null, QuotaEnforcement.Soft, reset, DateTimeOffset.MinValue, DateTimeOffset.MaxValue);

        QuotaTerm term = new Quota("acme", Bandwidth, [], plan).TermAt(Utc(2026, 5, 20, 12))!;

        Assert.True(term.Start <= Utc(2026, 5, 20) && term.End > Utc(2026, 5, 20, 12) && term.Start.TimeOfDay == TimeSpan.Zero);
    }

    [Fact]
    public void A_subscription_by_the_month_may_have_a_quota_by_the_year()
    {
        var plan = new PlanQuota("acme", "bandwidth", "pro", 10, null, QuotaEnforcement.Soft, "yearly", Utc(2026, 3, 1), Utc(2026, 4, 1));

        QuotaTerm term = new Quota("acme", Bandwidth, [], plan).TermAt(Utc(2026, 5, 1))!;

        Assert.Equal((Utc(2026, 3, 1), Utc(2027, 3, 1)), (term.Start, term.End));
    }

    [Theory]
    [InlineData("GB", true, null, QuotaKind.Sum, "GB")]
    [InlineData("GB-hours", true, null, QuotaKind.Level, "GB")]
    [InlineData("GB-hours", true, "gb", QuotaKind.Level, "GB")]
    [InlineData("GB-hours", true, "gb-HOURS", QuotaKind.Sum, "GB-hours")]
    [InlineData("CPU-hours", false, null, QuotaKind.Sum, "CPU-hours")]
    [InlineData("CPU-hours", false, "cpu-hours", QuotaKind.Sum, "CPU-hours")]
    [InlineData("CPU-hours", false, "CPU", QuotaKind.Level, "CPU")]
    [InlineData("queries", false, "connections", QuotaKind.NotComparable, "connections")]
    public void The_units_of_limit_and_usage_say_how_they_compare(string serviceUnit, bool countsBytes, string? unit, QuotaKind kind, string shown)
    {
        var quota = new Quota("acme", new Service("x", serviceUnit, countsBytes, 1), [Setting("1980-01-01") with { Unit = unit }], null);

        Assert.Equal((kind, shown), (quota.TermAt(At("2026-01-01"))!.Rule.Kind, quota.TermAt(At("2026-01-01"))!.Rule.Unit));
    }

    [Fact]
    public void A_change_keeps_what_it_does_not_name_and_begins_with_the_present_period()
    {
        var change = new QuotaChange("acme", Bandwidth) { Zone = Zones.Find("Europe/London") };
        DateTimeOffset now = Utc(2026, 6, 20);

        (QuotaSetting first, _) = QuotaSettings.Apply(change with { Limit = 0.5m, AnchorDay = 15, CarryOver = 50, CountHours = "9-18" }, [], now);
        (QuotaSetting second, DateOnly until) = QuotaSettings.Apply(change with { Limit = 2, Zone = TimeZoneInfo.Utc }, [first], now.AddMonths(1));

        Assert.Equal((new DateOnly(2026, 6, 15), 0.5m, "Europe/London", QuotaEnforcement.Soft), (first.From, first.Limit, first.TimeZone, first.Enforcement));
        Assert.Equal(first with { From = new DateOnly(2026, 7, 15), Limit = 2 }, second);
        Assert.Equal(new DateOnly(2026, 7, 20), until);
    }

    [Fact]
    public void A_change_that_means_nothing_is_refused()
    {
        var change = new QuotaChange("acme", Bandwidth) { Limit = 1, Zone = TimeZoneInfo.Utc };
        var storage = new Service("storage", "GB-hours", true, 2);

        foreach (QuotaChange wrong in new[]
        {
            change with { Limit = null }, change with { AnchorDay = 32 }, change with { AnchorDay = 0 }, change with { Period = QuotaPeriod.Weekly, AnchorDay = 8 },
            change with { Period = QuotaPeriod.Daily, AnchorDay = 2 }, change with { CarryOver = 101 }, change with { Unit = "requests" },
            new QuotaChange("acme", storage) { Limit = 1, CarryOver = 10, Zone = TimeZoneInfo.Utc },
            new QuotaChange("acme", storage) { Limit = 1, CountHours = "9-18", Zone = TimeZoneInfo.Utc },
        })
        {
            Assert.Equal("InvalidQuota", Assert.Throws<UsageException>(() => QuotaSettings.Apply(wrong, [], Utc(2026, 6, 20))).ErrorId);
        }
    }

    [Theory]
    [InlineData("-1", -1)]
    [InlineData(-1, -1)]
    [InlineData(-1.0, -1)]
    [InlineData("0.5", 0.5)]
    [InlineData(0, 0)]
    public void A_limit_is_zero_or_more_or_minus_one(object given, double expected) => Assert.Equal((decimal)expected, QuotaSettings.ReadLimit(given));

    [Theory]
    [InlineData(-2)]
    [InlineData("1,5")]
    [InlineData("")]
    [InlineData(null)]
    [InlineData(1e19)]
    public void Other_limits_are_refused(object? given) =>
        Assert.Equal("InvalidQuantity", Assert.Throws<UsageException>(() => QuotaSettings.ReadLimit(given)).ErrorId);

    private static Quota Own(params QuotaSetting[] settings) => new("acme", Bandwidth, settings, null);

    private static QuotaSetting Setting(
        string from, decimal limit = 100, QuotaPeriod period = QuotaPeriod.Monthly, int anchor = 1, string zone = "UTC", bool isEnded = false) => new()
        {
            CustomerId = "acme",
            Service = "bandwidth",
            From = DateOnly.ParseExact(from, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
            Limit = limit,
            Period = period,
            AnchorDay = anchor,
            TimeZone = zone,
            IsEnded = isEnded,
        };

    private static DateTimeOffset At(string day, int hour = 0) => TimeInput.Parse(day).Start(TimeZoneInfo.Utc).AddHours(hour);
}
