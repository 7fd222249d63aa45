using Npgsql;
using UsageTracking.Metering;
using UsageTracking.Time;
using static UsageTracking.Stores.Postgres.PostgresCommands;

namespace UsageTracking.Stores.Postgres;

/// <summary>The tables of quotas and top-ups, and what nself's tables say of plans.</summary>
internal sealed class PostgresQuotas(PostgresSource source)
{
    public Task<IReadOnlyList<QuotaSetting>> GetAsync(UsageFilter filter, CancellationToken cancel) => ReadAsync(
        $"""
        SELECT customer_id, service_name, in_force_from, limit_value, unit, enforcement_mode, reset_period, anchor_day, carry_over,
               count_hours, count_days, time_zone, is_ended
        FROM usage_quotas WHERE {PostgresReader.Matches} ORDER BY 1, 2, 3
        """,
        filter,
        r => new QuotaSetting
        {
            CustomerId = r.GetString(0),
            Service = r.GetString(1),
            From = r.GetFieldValue<DateOnly>(2),
            Limit = ExactDecimal.Trim(r.GetDecimal(3)),
            Unit = r.IsDBNull(4) ? null : r.GetString(4),
            Enforcement = Enum.Parse<QuotaEnforcement>(r.GetString(5), ignoreCase: true),
            Period = Enum.Parse<QuotaPeriod>(r.GetString(6), ignoreCase: true),
            AnchorDay = r.GetInt32(7),
            CarryOver = ExactDecimal.Trim(r.GetDecimal(8)),
            CountHours = WeeklyHours.Parse(r.GetString(9), r.GetString(10)),
            TimeZone = r.GetString(11),
            IsEnded = r.GetBoolean(12),
        },
        cancel);

    public async Task SetAsync(QuotaSetting setting, DateOnly until, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        await source.ActForAsync(connection, [setting.CustomerId], cancel);
        await connection.ExecuteAsync(
            "DELETE FROM usage_quotas WHERE customer_id = $1 AND service_name = $2 AND in_force_from > $3 AND in_force_from <= $4", cancel,
            setting.CustomerId, setting.Service, setting.From, until);
        await PutAsync(connection, setting, cancel);
        await transaction.CommitAsync(cancel);
    }

    public async Task EndAsync(string customerId, string service, DateOnly from, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        await source.ActForAsync(connection, [customerId], cancel);
        await connection.ExecuteAsync(
            "DELETE FROM usage_quotas WHERE customer_id = $1 AND service_name = $2 AND in_force_from >= $3", cancel, customerId, service, from);
        await connection.ExecuteAsync(
            """
            INSERT INTO usage_quotas (customer_id, service_name, in_force_from, limit_value, enforcement_mode, reset_period, anchor_day, time_zone, is_ended)
            SELECT customer_id, service_name, $3, -1, enforcement_mode, reset_period, anchor_day, time_zone, true FROM usage_quotas
            WHERE customer_id = $1 AND service_name = $2 ORDER BY in_force_from DESC LIMIT 1
            ON CONFLICT (customer_id, service_name, in_force_from) DO UPDATE SET limit_value = excluded.limit_value, is_ended = true
            """, cancel, customerId, service, from);
        await transaction.CommitAsync(cancel);
    }

    public Task<IReadOnlyList<PlanQuota>> GetPlansAsync(UsageFilter filter, CancellationToken cancel) => ReadAsync(
        $"""
        SELECT s.customer_id, q.service_name, q.plan_name, q.limit_value, q.limit_type, coalesce(q.enforcement_mode, 'soft'), q.reset_period,
               s.current_period_start, s.current_period_end, q.overage_price
        FROM (SELECT DISTINCT ON (customer_id) * FROM billing_subscriptions
              WHERE ($1::text[] IS NULL OR customer_id = ANY ($1)) AND status IN ('active', 'trialing')
              ORDER BY customer_id, current_period_start DESC, subscription_id) s
        JOIN billing_quotas q USING (plan_name)
        WHERE ($2::text[] IS NULL OR q.service_name = ANY ($2)) AND q.limit_value IS NOT NULL
        ORDER BY 1, 2
        """,
        filter,
        r => new PlanQuota(
            r.GetString(0), r.GetString(1), r.GetString(2), r.GetDecimal(3), r.IsDBNull(4) ? null : r.GetString(4),
            PlanTexts.Enforcement(r.GetString(5)), r.IsDBNull(6) ? null : r.GetString(6),
            r.GetFieldValue<DateTimeOffset>(7), r.GetFieldValue<DateTimeOffset>(8),
            r.IsDBNull(9) ? null : ExactDecimal.Trim(r.GetDecimal(9))),
        cancel);

    public Task<IReadOnlyList<Allowance>> GetAllowancesAsync(UsageFilter filter, CancellationToken cancel) => ReadAsync(
        $"SELECT customer_id, service_name, in_force_at, amount, note FROM usage_allowances WHERE {PostgresReader.Matches} ORDER BY in_force_at, allowance_id",
        filter,
        r => new Allowance(
            r.GetString(0), r.GetString(1), r.GetFieldValue<DateTimeOffset>(2), ExactDecimal.Trim(r.GetDecimal(3)), r.IsDBNull(4) ? null : r.GetString(4)),
        cancel);

    public async Task AddAllowanceAsync(Allowance allowance, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        await source.ActForAsync(connection, [allowance.CustomerId], cancel);
        await connection.ExecuteAsync(
            "INSERT INTO usage_allowances (customer_id, service_name, in_force_at, amount, note) VALUES ($1, $2, $3, $4, $5)", cancel,
            allowance.CustomerId, allowance.Service, allowance.At.UtcDateTime, allowance.Amount, Text(allowance.Note));
        await transaction.CommitAsync(cancel);
    }

    private static Task<int> PutAsync(NpgsqlConnection connection, QuotaSetting setting, CancellationToken cancel) => connection.ExecuteAsync(
        """
        INSERT INTO usage_quotas (customer_id, service_name, in_force_from, limit_value, unit, enforcement_mode, reset_period, anchor_day,
                                  carry_over, count_hours, count_days, time_zone, is_ended)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        ON CONFLICT (customer_id, service_name, in_force_from) DO UPDATE SET
            limit_value = excluded.limit_value, unit = excluded.unit, enforcement_mode = excluded.enforcement_mode,
            reset_period = excluded.reset_period, anchor_day = excluded.anchor_day, carry_over = excluded.carry_over,
            count_hours = excluded.count_hours, count_days = excluded.count_days, time_zone = excluded.time_zone, is_ended = excluded.is_ended
        """,
        cancel, setting.CustomerId, setting.Service, setting.From, setting.Limit, Text(setting.Unit),
        PlanTexts.Of(setting.Enforcement), PlanTexts.Of(setting.Period), setting.AnchorDay, setting.CarryOver,
        setting.CountHours.Hours, setting.CountHours.Days, setting.TimeZone, setting.IsEnded);

    private async Task<IReadOnlyList<T>> ReadAsync<T>(string sql, UsageFilter filter, Func<NpgsqlDataReader, T> read, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenToReadAsync(filter.CustomerIds, cancel);
        await using NpgsqlCommand command = connection.Command(sql, PostgresCommands.TextArray(filter.CustomerIds), PostgresCommands.TextArray(filter.Services));
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancel))
            rows.Add(read(reader));

        return rows;
    }
}
