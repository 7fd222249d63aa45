using UsageTracking.Quotas;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Quotas;

public sealed class SqliteQuotaReaderTests() : QuotaReaderTests(StoreKind.Sqlite);

public sealed class PostgresQuotaReaderTests() : QuotaReaderTests(StoreKind.PostgreSql);

public abstract class QuotaReaderTests(StoreKind kind) : OnQuotas(kind)
{
    [Fact]
    public async Task Settings_come_back_as_they_were_kept()
    {
        await SetAsync("bandwidth", 0.5m, Utc(2026, 6, 20), c => c with
        {
            AnchorDay = 31,
            CarryOver = 12.5m,
            CountHours = "22-6",
            CountDays = "Sat,Sun",
            Enforcement = QuotaEnforcement.Hard,
            Zone = Zones.Find("Asia/Kathmandu"),
        });
        await SetAsync("api", -1, Utc(2026, 6, 20), c => c with { Period = QuotaPeriod.Weekly });

        IReadOnlyList<QuotaSetting> kept = await Store.GetQuotasAsync(UsageFilter.All, Cancel);

        Assert.Equal(
            [
                new QuotaSetting { CustomerId = "acme", Service = "api", From = new DateOnly(2026, 6, 15), Limit = -1, Period = QuotaPeriod.Weekly },
                new QuotaSetting
                {
                    CustomerId = "acme", Service = "bandwidth", From = new DateOnly(2026, 5, 31), Limit = 0.5m, Enforcement = QuotaEnforcement.Hard, AnchorDay = 31,
                    CarryOver = 12.5m, CountHours = WeeklyHours.Parse("22-6", "Sat,Sun"), TimeZone = "Asia/Kathmandu",
                },
            ],
            kept);
        Assert.Empty(await Store.GetQuotasAsync(new UsageFilter(["other"], null), Cancel));
    }

    [Fact]
    public async Task A_setting_replaces_those_it_began_before_up_to_the_day_of_the_change()
    {
        await SetAsync("api", 1, Utc(2026, 5, 1));
        await SetAsync("api", 2, Utc(2026, 6, 1));
        await SetAsync("api", 3, Utc(2026, 7, 1));
        // On 10 June the period from the 15th has begun in May: it stands instead of June's setting, not of July's.
        await SetAsync("api", 9, Utc(2026, 6, 10), c => c with { AnchorDay = 15 });

        Assert.Equal(
            ["2026-05-01 1", "2026-05-15 9", "2026-07-01 3"],
            (await Store.GetQuotasAsync(UsageFilter.All, Cancel)).Select(s => FormattableString.Invariant($"{s.From:yyyy-MM-dd} {s.Limit}")));
    }

    [Fact]
    public async Task An_end_leaves_what_was_before()
    {
        await SetAsync("api", 1, Utc(2026, 5, 1));
        await SetAsync("api", 2, Utc(2026, 7, 1));

        await Store.EndQuotaAsync("acme", "api", new DateOnly(2026, 6, 1), Cancel);
        Assert.Equal([("2026-05-01", false), ("2026-06-01", true)], await ShowAsync());
        await Store.EndQuotaAsync("acme", "api", new DateOnly(1980, 1, 1), Cancel);
        Assert.Empty(await ShowAsync());

        async Task<(string, bool)[]> ShowAsync() =>
            [.. (await Store.GetQuotasAsync(UsageFilter.All, Cancel)).Select(s => (s.From.ToString("o", System.Globalization.CultureInfo.InvariantCulture), s.IsEnded))];
    }

    [Fact]
    public async Task Several_may_end_a_quota_at_once()
    {
        await SetAsync("api", 1, Utc(2026, 5, 1));

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            async () =>
            {
                await using IUsageStore store = Test.OpenAgain();
                for (int i = 0; i < 10; i++)
                    await store.EndQuotaAsync("acme", "api", new DateOnly(2026, 6, 1), Cancel);
            },
            Cancel)));

        Assert.Equal(2, (await Store.GetQuotasAsync(UsageFilter.All, Cancel)).Count);
    }

    [Fact]
    public async Task Usage_of_the_period_counts_and_nothing_beside_it()
    {
        await SetAsync("api", 100, Utc(2026, 6, 20));
        await SetAsync("bandwidth", 100, Utc(2026, 6, 20), c => c with { AnchorDay = 15, Zone = Zones.Find("America/New_York") });
        await Store.WriteAsync(
            Record("api", 1, Utc(2026, 5, 31, 23, 59, 59), "acme"), Record("api", 2, Utc(2026, 6, 1), "acme"), Record("api", 4, Utc(2026, 6, 30, 23, 59, 59), "acme"),
            Record("api", 8, Utc(2026, 7, 1), "acme"), Record("api", 16, Utc(2026, 6, 20), "beta"),
            // Midnight in New York is 4 o'clock.
            Record("bandwidth", 1, Utc(2026, 6, 15, 3, 59, 59), "acme"), Record("bandwidth", 2.25m, Utc(2026, 6, 15, 4), "acme"),
            Record("bandwidth", 4, Utc(2026, 7, 15, 3, 59, 59), "acme"), Record("bandwidth", 8, Utc(2026, 7, 15, 4), "acme"));

        Assert.Equal(["api 6 94 6", "bandwidth 6.25 93.75 6.25"], (await StandAsync(Utc(2026, 6, 20))).Select(Show));

        static string Show(QuotaStanding s) => FormattableString.Invariant($"{s.Quota.Service.Name} {s.Used} {s.Remaining} {s.Percent}");
    }

    [Fact]
    public async Task Half_of_what_was_left_comes_over_and_half_of_that_again()
    {
        await SetAsync("bandwidth", 100, Utc(2026, 3, 1), c => c with { CarryOver = 50 });
        await GrantAsync("bandwidth", 20, Utc(2026, 4, 2));
        await Store.WriteAsync(
            Record("bandwidth", 40, Utc(2026, 3, 10), "acme"), Record("bandwidth", 10, Utc(2026, 4, 10), "acme"), Record("bandwidth", 300, Utc(2026, 5, 10), "acme"));

        // March leaves 60, of which 30 come over; April has 100 + 30 + 20, leaves 140; May has 170 and goes beyond it.
        Assert.Equal([0, 30, 70, 0], [await CarriedAsync(3), await CarriedAsync(4), await CarriedAsync(5), await CarriedAsync(6)]);
        QuotaStanding april = await StandAsync("bandwidth", Utc(2026, 4, 30));
        Assert.Equal((150, 120, 20, 140), (april.Limit, april.Granted, april.Allowances, april.Remaining));
        Assert.Equal(-130, (await StandAsync("bandwidth", Utc(2026, 5, 30))).Remaining);

        async Task<decimal> CarriedAsync(int month) => (await StandAsync("bandwidth", Utc(2026, month, 15))).CarriedOver;
    }

    [Fact]
    public async Task Only_use_in_the_hours_that_count_is_held_against_the_limit()
    {
        await SetAsync("bandwidth", 100, Utc(2026, 6, 1), c => c with { CountHours = "9-18", CountDays = "Mon-Fri" });
        await Store.WriteAsync(
            // 1 June 2026 is a Monday, the 6th a Saturday.
            Record("bandwidth", 1, Utc(2026, 6, 1, 8, 59, 59), "acme"), Record("bandwidth", 2, Utc(2026, 6, 1, 9), "acme"), Record("bandwidth", 4, Utc(2026, 6, 5, 17, 59, 59), "acme"),
            Record("bandwidth", 8, Utc(2026, 6, 5, 18), "acme"), Record("bandwidth", 16, Utc(2026, 6, 6, 12), "acme"), Record("bandwidth", 32, Utc(2026, 6, 30, 12), "acme"));

        Assert.Equal(38m, (await StandAsync("bandwidth", Utc(2026, 6, 30))).Used);
    }

    [Fact]
    public async Task What_is_kept_counts_by_how_much_not_by_how_long()
    {
        await SetAsync("storage", 10, Utc(2026, 6, 1));
        // 9 GB kept for the ten days gone by.
        await Store.WriteAsync(Record("storage", 2160, Utc(2026, 6, 2), "acme"));

        QuotaStanding level = await StandAsync("storage", Utc(2026, 6, 11));

        Assert.Equal((QuotaKind.Level, 9m, 90m, QuotaLevel.Critical), (level.Term.Rule.Kind, level.Used.ToReported(), level.Percent, level.LevelAt(Usual)));
        Assert.Equal(4.5m, (await StandAsync("storage", Utc(2026, 6, 21))).Used);
        Assert.Equal(0m, (await StandAsync("storage", Utc(2026, 6, 1))).Used);
        Assert.Equal((3m, 7m), ((await StandAsync("storage", Utc(2026, 7, 1).AddTicks(-1))).Used.Round(3), (await StandAsync("storage", Utc(2026, 7, 1).AddTicks(-1))).Remaining!.Value));
    }

    [Theory]
    [InlineData("9951", "10000", QuotaLevel.Critical)]
    [InlineData("9999.999999999999999999", "10000", QuotaLevel.Critical)]
    [InlineData("10000", "10000", QuotaLevel.Exceeded)]
    [InlineData("7499.999999999999999999", "10000", QuotaLevel.Ok)]
    [InlineData("7500", "10000", QuotaLevel.Warning)]
    [InlineData("0.375", "0.5", QuotaLevel.Warning)]
    [InlineData("1", "0", QuotaLevel.Exceeded)]
    [InlineData("0", "0", QuotaLevel.Ok)]
    [InlineData("1000000", "-1", QuotaLevel.Ok)]
    public async Task Levels_are_compared_without_rounding(string used, string limit, QuotaLevel expected)
    {
        await SetAsync("api", QuotaSettings.ReadLimit(limit), Utc(2026, 6, 1));
        await Store.WriteAsync(Record("api", decimal.Parse(used, System.Globalization.CultureInfo.InvariantCulture), Utc(2026, 6, 1), "acme"));

        Assert.Equal(expected, (await StandAsync("api", Utc(2026, 6, 2))).LevelAt(Usual));
    }

    [Fact]
    public async Task Plans_apply_through_the_subscription_that_began_last_and_is_active_or_trialing()
    {
        await Test.QueryAsync("INSERT INTO billing_customers (customer_id, project_name) VALUES ('acme', 'p'), ('beta', 'p'), ('gone', 'p')");
        await Test.QueryAsync("INSERT INTO billing_plans (plan_name) VALUES ('free'), ('pro')");
        await Test.QueryAsync(
            """
            INSERT INTO billing_quotas (plan_name, service_name, limit_value, limit_type, enforcement_mode) VALUES
                ('free', 'api', 10000, 'requests', 'hard'), ('pro', 'api', 1000000, 'requests', 'soft'), ('pro', 'storage', 100, 'gb', 'soft'),
                ('pro', 'database', 100, 'connections', 'soft'), ('pro', 'functions', -1, 'invocations', 'soft')
            """);
        await Test.QueryAsync(
            $"""
            INSERT INTO billing_subscriptions (subscription_id, customer_id, plan_name, status, current_period_start, current_period_end) VALUES
                ('s1', 'acme', 'free', 'active', '{SqlTime(Utc(2026, 4, 1))}', '{SqlTime(Utc(2026, 5, 1))}'),
                ('s2', 'acme', 'pro', 'trialing', '{SqlTime(Utc(2026, 5, 1))}', '{SqlTime(Utc(2026, 6, 1))}'),
                ('s3', 'beta', 'free', 'active', '{SqlTime(Utc(2026, 5, 1))}', '{SqlTime(Utc(2026, 6, 1))}'),
                ('s4', 'gone', 'pro', 'canceled', '{SqlTime(Utc(2026, 5, 1))}', '{SqlTime(Utc(2026, 6, 1))}')
            """);
        await Store.WriteAsync(Record("api", 5, Utc(2026, 6, 10), "acme"), Record("database", 500, Utc(2026, 6, 10), "acme"), Record("functions", 7, Utc(2026, 6, 10), "acme"));
        await SetAsync("api", 6, Utc(2026, 6, 10), customer: "beta");

        Assert.Equal(
            [
                "acme api 5/1000000 Soft Ok", "acme storage 0/100 Soft Ok", "acme database 500/100 Soft NotComparable", "acme functions 7/-1 Soft Ok", "beta api 0/6 Soft Ok",
            ],
            (await StandAsync(Utc(2026, 6, 15))).Select(s => FormattableString.Invariant(
                $"{s.Quota.CustomerId} {s.Quota.Service.Name} {s.Used}/{s.Limit} {s.Term.Rule.Enforcement} {s.LevelAt(Usual)}")));
        QuotaStanding database = await StandAsync("database", Utc(2026, 6, 15));
        Assert.Equal((null, null, true), (database.Percent, database.Remaining, database.Fits(1000)));
    }
}
