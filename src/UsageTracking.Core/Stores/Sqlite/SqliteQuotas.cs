using System.Globalization;
using Microsoft.Data.Sqlite;
using UsageTracking.Time;

namespace UsageTracking.Stores.Sqlite;

/// <summary>The tables of quotas and top-ups, and what nself's tables say of plans.</summary>
internal static class SqliteQuotas
{
    public static IReadOnlyList<QuotaSetting> Read(SqliteConnection connection, UsageFilter filter) =>
    [
        .. connection.Query(
            $"""
            SELECT customer_id, service_name, in_force_from, limit_value, unit, enforcement_mode, reset_period, anchor_day, carry_over,
                   count_hours, count_days, time_zone, is_ended
            FROM usage_quotas WHERE {SqliteCommands.Where(filter)} true ORDER BY 1, 2, 3
            """, Names(filter))
            .Select(r => new QuotaSetting
            {
                CustomerId = r.GetString(0),
                Service = r.GetString(1),
                From = DateOnly.ParseExact(r.GetString(2), "o", CultureInfo.InvariantCulture),
                Limit = SqliteText.Number(r.GetString(3)),
                Unit = r.TextAt(4),
                Enforcement = Enum.Parse<QuotaEnforcement>(r.GetString(5), ignoreCase: true),
                Period = Enum.Parse<QuotaPeriod>(r.GetString(6), ignoreCase: true),
                AnchorDay = r.GetInt32(7),
                CarryOver = SqliteText.Number(r.GetString(8)),
                CountHours = WeeklyHours.Parse(r.GetString(9), r.GetString(10)),
                TimeZone = r.GetString(11),
                IsEnded = r.GetBoolean(12),
            }),
    ];

    public static int Set(SqliteConnection connection, QuotaSetting setting, DateOnly until)
    {
        connection.Execute(
            "DELETE FROM usage_quotas WHERE customer_id = $1 AND service_name = $2 AND in_force_from > $3 AND in_force_from <= $4",
            setting.CustomerId, setting.Service, Day(setting.From), Day(until));
        return Put(connection, setting);
    }

    public static int End(SqliteConnection connection, string customerId, string service, DateOnly from)
    {
        int ended = connection.Execute(
            "DELETE FROM usage_quotas WHERE customer_id = $1 AND service_name = $2 AND in_force_from >= $3", customerId, service, Day(from));
        return ended + connection.Execute(
            """
            INSERT INTO usage_quotas (customer_id, service_name, in_force_from, limit_value, enforcement_mode, reset_period, anchor_day, time_zone, is_ended)
            SELECT customer_id, service_name, $3, '-1', enforcement_mode, reset_period, anchor_day, time_zone, 1 FROM usage_quotas
            WHERE customer_id = $1 AND service_name = $2 ORDER BY in_force_from DESC LIMIT 1
            """, customerId, service, Day(from));
    }

    public static IReadOnlyList<PlanQuota> ReadPlans(SqliteConnection connection, UsageFilter filter) =>
    [
        .. connection.Query(
            $"""
            SELECT s.customer_id, q.service_name, q.plan_name, q.limit_value, q.limit_type, coalesce(q.enforcement_mode, 'soft'), q.reset_period,
                   s.current_period_start, s.current_period_end, q.overage_price
            FROM billing_subscriptions s JOIN billing_quotas q USING (plan_name)
            WHERE {SqliteCommands.Where(filter)} s.status IN ('active', 'trialing') AND q.limit_value IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM billing_subscriptions later
                                WHERE later.customer_id = s.customer_id AND later.status IN ('active', 'trialing')
                                  AND (later.current_period_start, s.subscription_id) > (s.current_period_start, later.subscription_id))
            ORDER BY 1, 2
            """, Names(filter))
            .Select(r => new PlanQuota(
                r.GetString(0), r.GetString(1), r.GetString(2), SqliteText.Number(r.GetString(3)), r.TextAt(4),
                PlanTexts.Enforcement(r.GetString(5)), r.TextAt(6), SqliteText.Time(r.GetString(7)), SqliteText.Time(r.GetString(8)), r.NumberAt(9))),
    ];

    public static IReadOnlyList<Allowance> ReadAllowances(SqliteConnection connection, UsageFilter filter) =>
    [
        .. connection.Query(
            $"SELECT customer_id, service_name, in_force_at, amount, note FROM usage_allowances WHERE {SqliteCommands.Where(filter)} true ORDER BY in_force_at, allowance_id",
            Names(filter))
            .Select(r => new Allowance(r.GetString(0), r.GetString(1), SqliteText.Time(r.GetString(2)), SqliteText.Number(r.GetString(3)), r.TextAt(4))),
    ];

    public static int AddAllowance(SqliteConnection connection, Allowance allowance) => connection.Execute(
        "INSERT INTO usage_allowances (customer_id, service_name, in_force_at, amount, note) VALUES ($1, $2, $3, $4, $5)",
        allowance.CustomerId, allowance.Service, SqliteText.Time(allowance.At), SqliteText.Number(allowance.Amount), allowance.Note);

    private static int Put(SqliteConnection connection, QuotaSetting setting) => connection.Execute(
        """
        INSERT OR REPLACE INTO usage_quotas (customer_id, service_name, in_force_from, limit_value, unit, enforcement_mode, reset_period, anchor_day,
                                             carry_over, count_hours, count_days, time_zone, is_ended)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        """,
        setting.CustomerId, setting.Service, Day(setting.From), SqliteText.Number(setting.Limit), setting.Unit,
        PlanTexts.Of(setting.Enforcement), PlanTexts.Of(setting.Period), setting.AnchorDay, SqliteText.Number(setting.CarryOver),
        setting.CountHours.Hours, setting.CountHours.Days, setting.TimeZone, setting.IsEnded);

    private static object?[] Names(UsageFilter filter) => [SqliteCommands.List(filter.CustomerIds), SqliteCommands.List(filter.Services)];

    private static string Day(DateOnly day) => day.ToString("o", CultureInfo.InvariantCulture);
}
