using UsageTracking.Metering;
using UsageTracking.Quotas;
using UsageTracking.Reports;
using UsageTracking.Stores;
using UsageTracking.Tests.Quotas;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Reports;

public sealed class SqliteBurndownReportTests() : BurndownReportTests(StoreKind.Sqlite);

public sealed class PostgresBurndownReportTests() : BurndownReportTests(StoreKind.PostgreSql);

public abstract class BurndownReportTests(StoreKind kind) : OnQuotas(kind)
{
    private static readonly BurndownRequest June2014 = new() { Limit = 100, Month = TimeInput.Parse("2014-06"), Zone = TimeZoneInfo.Utc };

    [Theory]
    // As the original printed them, to three decimals.
    [InlineData("2014-06", 30, "96.667 93.333 90.000", "3.333 0.000")]
    [InlineData("2014-02", 28, "96.429 92.857 89.286", "3.571 0.000")]
    [InlineData("2014-10", 31, "96.774 93.548 90.323", "3.226 0.000")]
    [InlineData("2024-02", 29, "96.552 93.103 89.655", "3.448 0.000")]
    public async Task The_originals_targets_come_out(string month, int days, string first, string last)
    {
        IReadOnlyList<UsageBurndown> lines = await ReadAsync(June2014 with { Month = TimeInput.Parse(month) }, Utc(2026, 1, 1));

        string[] targets = [.. lines.Select(l => l.Target.ToString("0.000", System.Globalization.CultureInfo.InvariantCulture))];
        Assert.Equal(days, lines.Count);
        Assert.Equal(first, string.Join(' ', targets[..3]));
        Assert.Equal(last, string.Join(' ', targets[^2..]));
        Assert.Equal(0, lines[^1].Target);
    }

    [Fact]
    public async Task Days_that_are_over_say_what_was_left_today_what_is_left_and_days_to_come_nothing()
    {
        await Store.WriteAsync(
            Record("bandwidth", 9, Utc(2014, 5, 31, 23, 59, 59), "acme"), Record("bandwidth", 5, Utc(2014, 6, 1, 23, 59, 59), "acme"),
            Record("bandwidth", 2.5m, Utc(2014, 6, 3), "acme"), Record("bandwidth", 100, Utc(2014, 6, 2), "beta"), Record("api", 100, Utc(2014, 6, 2), "acme"));

        IReadOnlyList<UsageBurndown> lines = await ReadAsync(June2014, Utc(2014, 6, 3, 12));

        Assert.Equal([95m, 95m, 92.5m, null, null], lines.Take(5).Select(l => l.Actual));
        Assert.Equal([false, false, true, false], lines.Take(4).Select(l => l.IsPartial));
        // At noon of the third day two and a half of thirty are over: 91.666666666667 should be left.
        Assert.Equal([-1.666666666667m, 1.666666666667m, 0.833333333333m, null], lines.Take(4).Select(l => l.Ahead));
        Assert.Equal([Utc(2014, 6, 2), Utc(2014, 6, 3), Utc(2014, 6, 3, 12), Utc(2014, 6, 5)], lines.Take(4).Select(l => l.At));
        Assert.All(lines, l => Assert.Equal((100m, "GB", "bandwidth", "acme"), (l.Limit, l.Unit, l.Service, l.CustomerId)));
    }

    [Fact]
    public async Task What_is_likely_to_be_left_goes_on_from_today_with_a_low_and_a_high()
    {
        await Store.WriteAsync([.. Enumerable.Range(1, 10).Select(d => Record("bandwidth", d % 2 == 0 ? 3 : 1, Utc(2014, 6, d, 12), "acme"))]);

        IReadOnlyList<UsageBurndown> lines = await ReadAsync(June2014, Utc(2014, 6, 11));

        Assert.All(lines.Take(10), l => Assert.Null(l.Projected));
        // 20 in ten days, two a day: 80 - 2 * days ahead.
        Assert.Equal([78m, 76m, 40m], [lines[10].Projected, lines[11].Projected, lines[29].Projected]);
        Assert.All(lines.Skip(10), l => Assert.True(l.ProjectedLow < l.Projected && l.Projected < l.ProjectedHigh && l.ProjectedHigh <= 80));
        // The standard deviation of five 1 and five 3 is 1.0540925534; 1.2816 * that * sqrt(20 + 400 / 10) = 10.4642.
        Assert.Equal((29.5358m, 50.4642m), (Math.Round(lines[29].ProjectedLow!.Value, 4), Math.Round(lines[29].ProjectedHigh!.Value, 4)));
        Assert.All(await ReadAsync(June2014, Utc(2014, 7, 1)), l => Assert.Null(l.Projected));
        Assert.All(await ReadAsync(June2014, Utc(2014, 5, 31)), l => Assert.Equal((null, null), (l.Projected, l.Actual)));
    }

    [Fact]
    public async Task A_top_up_and_what_came_over_belong_to_the_limit_from_their_day_on()
    {
        await SetAsync("bandwidth", 100, Utc(2014, 5, 1), c => c with { CarryOver = 50 });
        await Store.WriteAsync(Record("bandwidth", 60, Utc(2014, 5, 10), "acme"), Record("bandwidth", 30, Utc(2014, 6, 1), "acme"));
        await GrantAsync("bandwidth", 30, Utc(2014, 6, 3, 10));

        IReadOnlyList<UsageBurndown> lines = await ReadAsync(June2014 with { Limit = null }, Utc(2014, 7, 10));

        Assert.Equal([120m, 120m, 150m, 150m], lines.Take(4).Select(l => l.Limit));
        Assert.Equal([90m, 90m, 120m, 120m], lines.Take(4).Select(l => l.Actual));
        Assert.Equal([116m, 112m, 135m, 130m], lines.Take(4).Select(l => l.Target));
        Assert.Equal((150m, 0m, 120m), (lines[29].Limit, lines[29].Target, lines[29].Actual!.Value));
    }

    [Fact]
    public async Task Last_Junes_burn_down_does_not_change_with_the_plan()
    {
        await SetAsync("bandwidth", 100, Utc(2014, 6, 1));
        IReadOnlyList<UsageBurndown> before = await ReadAsync(June2014 with { Limit = null }, Utc(2014, 8, 1));

        await SetAsync("bandwidth", 200, Utc(2014, 7, 20), c => c with { AnchorDay = 15 });

        Assert.Equal(before, await ReadAsync(June2014 with { Limit = null }, Utc(2014, 8, 1)));
        // The period that begins in July is the new one, and the old one's last ends where it begins.
        IReadOnlyList<UsageBurndown> july = await ReadAsync(June2014 with { Limit = null, Month = TimeInput.Parse("2014-08") }, Utc(2014, 9, 20));
        Assert.Equal((31, new DateTime(2014, 8, 15), 200m), (july.Count, july[0].Date, july[0].Limit));
        Assert.Equal(14, (await ReadAsync(June2014 with { Limit = null, Month = TimeInput.Parse("2014-07") }, Utc(2014, 9, 20))).Count);
    }

    [Fact]
    public async Task A_month_with_a_clock_change_has_days_like_any_other()
    {
        await SetAsync("bandwidth", 310, Utc(2026, 3, 1), c => c with { Zone = Zones.Find("Europe/London") });
        await Store.WriteAsync(Record("bandwidth", 10, Utc(2026, 3, 29, 22, 59, 59), "acme"), Record("bandwidth", 20, Utc(2026, 3, 29, 23), "acme"));

        IReadOnlyList<UsageBurndown> lines = await ReadAsync(June2014 with { Limit = null, Month = TimeInput.Parse("2026-03") }, Utc(2026, 5, 1));

        Assert.Equal(31, lines.Count);
        Assert.Equal([20m, 10m, 0m], lines.TakeLast(3).Select(l => l.Target));
        Assert.Equal([300m, 280m, 280m], lines.TakeLast(3).Select(l => l.Actual));
        Assert.Equal([TimeSpan.FromHours(1), TimeSpan.FromHours(1)], lines.TakeLast(2).Select(l => l.At.Offset));
        // Half of the day of 23 hours is over at 12:30.
        UsageBurndown today = (await ReadAsync(June2014 with { Limit = null, Month = TimeInput.Parse("2026-03") }, Utc(2026, 3, 29, 11, 30)))[28];
        Assert.Equal((300m, 275m), (today.Actual!.Value, today.Ahead!.Value));
    }

    [Fact]
    public async Task Peak_hours_spend_more()
    {
        // Monday 2 June to Sunday 8 June: 45 peak hours of weight 20 and 123 others; 1023 in all.
        BurndownRequest week = June2014 with { Limit = 1023, Month = null, Start = TimeInput.Parse("2014-06-02"), End = TimeInput.Parse("2014-06-08") };

        IReadOnlyList<UsageBurndown> lines = await ReadAsync(week, Utc(2014, 6, 2, 10), BurndownWeights.From(20, null, null));

        // A weekday spends 9 * 20 + 15 = 195, a day of the weekend 24.
        Assert.Equal([828m, 633m, 438m, 243m, 48m, 24m, 0m], lines.Select(l => l.Target));
        // By ten o'clock on Monday nine others and one peak hour are over.
        Assert.Equal(1023m - (1023 - 29), lines[0].Ahead);
        Assert.Equal(lines.Select(l => l.Target), (await ReadAsync(week, Utc(2014, 6, 2), BurndownWeights.From(null, "9-18", "Mon-Fri"))).Select(l => l.Target));
        // With a weight of 1 a day spends its hours.
        Assert.Equal([876.857142857143m], (await ReadAsync(week, Utc(2014, 6, 2), BurndownWeights.From(1, "9-18", null))).Take(1).Select(l => l.Target));
        // Unmetered peak hours spend nothing.
        Assert.Equal([511.5m, 0m], (await ReadAsync(week with { End = TimeInput.Parse("2014-06-03") }, Utc(2014, 6, 2), BurndownWeights.From(0, "0-12", ""))).Select(l => l.Target));
        await Assert.ThrowsAsync<UsageException>(() => ReadAsync(week, Utc(2014, 6, 2), BurndownWeights.From(0, "0-24", "Mon-Sun")));
    }

    [Fact]
    public async Task A_level_is_to_be_kept_not_spent()
    {
        await SetAsync("storage", 10, Utc(2014, 6, 1));
        // 4 GB for the first day, 8 GB for the second.
        await Store.WriteAsync(Record("storage", 96, Utc(2014, 6, 1, 12), "acme"), Record("storage", 192, Utc(2014, 6, 2, 12), "acme"));

        IReadOnlyList<UsageBurndown> lines = await ReadAsync(June2014 with { Limit = null }, Utc(2014, 6, 3), service: "storage");

        Assert.All(lines, l => Assert.Equal(10m, l.Target));
        Assert.Equal([6m, 4m, 4m], lines.Take(3).Select(l => l.Actual));
        Assert.Equal(-6m, lines[1].Ahead);
        Assert.Equal("GB", lines[0].Unit);
    }

    [Fact]
    public async Task A_plans_period_from_the_afternoon_on_is_cut_at_its_own_time()
    {
        await Test.QueryAsync("INSERT INTO billing_customers (customer_id, project_name) VALUES ('acme', 'p')");
        await Test.QueryAsync("INSERT INTO billing_plans (plan_name) VALUES ('pro')");
        await Test.QueryAsync("INSERT INTO billing_quotas (plan_name, service_name, limit_value, limit_type) VALUES ('pro', 'bandwidth', 300, 'gb')");
        await Test.QueryAsync(
            $"INSERT INTO billing_subscriptions (subscription_id, customer_id, plan_name, current_period_start, current_period_end) VALUES ('s', 'acme', 'pro', '{SqlTime(Utc(2014, 6, 10, 14, 20))}', '{SqlTime(Utc(2014, 7, 10, 14, 20))}')");
        await Store.WriteAsync(
            Record("bandwidth", 1, Utc(2014, 6, 10, 14, 19, 59), "acme"), Record("bandwidth", 2, Utc(2014, 6, 10, 14, 20), "acme"),
            Record("bandwidth", 4, Utc(2014, 7, 10, 14, 19, 59), "acme"), Record("bandwidth", 8, Utc(2014, 7, 10, 14, 20), "acme"));

        IReadOnlyList<UsageBurndown> lines = await ReadAsync(June2014 with { Limit = null, Month = TimeInput.Parse("2014-06") }, Utc(2014, 9, 1));

        Assert.Equal(31, lines.Count);
        Assert.Equal((298m, 294m), (lines[0].Actual!.Value, lines[30].Actual!.Value));
        // Of thirty days the first day has 9 hours and 40 minutes.
        Assert.Equal(295.972222222222m, lines[0].Target);
        Assert.Equal((0m, Utc(2014, 7, 10, 14, 20)), (lines[30].Target, lines[30].DayEnd));
    }

    [Fact]
    public async Task A_period_that_begins_in_an_archived_quarter_hour_has_all_of_it_and_says_so()
    {
        await Test.QueryAsync("INSERT INTO billing_customers (customer_id, project_name) VALUES ('acme', 'p')");
        await Test.QueryAsync("INSERT INTO billing_plans (plan_name) VALUES ('pro')");
        await Test.QueryAsync("INSERT INTO billing_quotas (plan_name, service_name, limit_value, limit_type) VALUES ('pro', 'bandwidth', 300, 'gb')");
        await Test.QueryAsync(
            $"INSERT INTO billing_subscriptions (subscription_id, customer_id, plan_name, current_period_start, current_period_end) VALUES ('s', 'acme', 'pro', '{SqlTime(Utc(2014, 6, 10, 14, 20))}', '{SqlTime(Utc(2014, 7, 10, 14, 20))}')");
        await Store.WriteAsync(Record("bandwidth", 1, Utc(2014, 6, 10, 14, 19), "acme"), Record("bandwidth", 2, Utc(2014, 6, 10, 14, 20), "acme"));
        await Test.ArchiveAsync("acme", "bandwidth", Utc(2014, 6, 10), Utc(2014, 6, 11));
        var widening = new Widening();
        QuotaBook book = await QuotaBook.ReadAsync(Store, ["acme"], [ServiceOf("bandwidth")], Cancel);

        QuotaStanding standing = Assert.Single(await QuotaReader.ReadAsync(Store, book, book.Quotas, Utc(2014, 6, 20), widening, Cancel));

        Assert.Equal(3m, standing.Used.ToReported());
        Assert.Equal("RangeWidened: records of 2014-06-10 14:15 to 14:30 UTC are archived, so all of that quarter hour is counted.", widening.Warning);
        var burndown = new Widening();
        IReadOnlyList<UsageBurndown> lines = await ReadAsync(June2014 with { Limit = null, Month = TimeInput.Parse("2014-06") }, Utc(2014, 9, 1), widening: burndown);
        Assert.Equal((297m, widening.Warning), (lines[0].Actual!.Value, burndown.Warning));
    }

    [Fact]
    public async Task Without_a_limit_there_is_nothing_to_burn_down()
    {
        await SetAsync("api", -1, Utc(2014, 7, 1));

        foreach ((string service, string? month) in new[] { ("bandwidth", null), ("api", "2014-07"), ("api", (string?)"2014-06") })
        {
            BurndownRequest request = June2014 with { Limit = null, Month = month is null ? null : TimeInput.Parse(month) };
            Assert.Equal("QuotaNotFound", (await Assert.ThrowsAsync<UsageException>(() => ReadAsync(request, Utc(2014, 8, 1), service: service))).ErrorId);
        }
    }

    [Fact]
    public async Task A_quota_runs_out_where_the_forecast_reaches_it_or_did_when_it_was_reached()
    {
        await SetAsync("bandwidth", 30, Utc(2014, 6, 1));
        await Store.WriteAsync([.. Enumerable.Range(1, 10).Select(d => Record("bandwidth", 2, Utc(2014, 6, d, 12), "acme"))]);

        // 10 are left, at two a day.
        Assert.Equal(Utc(2014, 6, 16), await RunsOutAsync(Utc(2014, 6, 11)));
        await Store.WriteAsync(Record("bandwidth", 10, Utc(2014, 6, 11, 9, 20), "acme"));
        Assert.Equal(Utc(2014, 6, 11, 9, 30), await RunsOutAsync(Utc(2014, 6, 12)));
        await GrantAsync("bandwidth", 100, Utc(2014, 6, 12));
        Assert.Null(await RunsOutAsync(Utc(2014, 6, 12)));
        await Store.WriteAsync(Record("bandwidth", 200, Utc(2014, 6, 13), "acme"));
        Assert.Equal(Utc(2014, 6, 13, 0, 15), await RunsOutAsync(Utc(2014, 6, 20)));

        async Task<DateTimeOffset?> RunsOutAsync(DateTimeOffset at)
        {
            QuotaBook book = await QuotaBook.ReadAsync(Store, null, [ServiceOf("bandwidth")], Cancel);
            return (await QuotaReport.ReadAsync(Store, book, await QuotaReader.ReadAsync(Store, book, book.Quotas, at, new Widening(), Cancel), Usual, new Widening(), Cancel))[0].RunsOutAt;
        }
    }

    private async Task<IReadOnlyList<UsageBurndown>> ReadAsync(
        BurndownRequest request, DateTimeOffset now, BurndownWeights? weights = null, string service = "bandwidth", Widening? widening = null)
    {
        Service asked = ServiceOf(service);
        QuotaBook book = await QuotaBook.ReadAsync(Store, ["acme"], [asked], Cancel);
        widening ??= new Widening();
        BurndownSubject subject = await request.ResolveAsync(Store, book, "acme", asked, now, widening, Cancel);
        return await BurndownReport.ReadAsync(Store, subject, weights ?? BurndownWeights.Even, now, widening, Cancel);
    }
}
