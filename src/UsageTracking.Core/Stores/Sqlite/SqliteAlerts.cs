using Microsoft.Data.Sqlite;
using UsageTracking.Metering;

namespace UsageTracking.Stores.Sqlite;

/// <summary>The table of alerts.</summary>
internal static class SqliteAlerts
{
    private const string Columns =
        "customer_id, service_name, rule, level, period_start, granted, raised_at, period_end, usage, limit_value, percent, unit, message, time_zone, delivered_at";

    private const string IsSameButLevel = "customer_id = $1 AND service_name = $2 AND rule = $3 AND period_start = $5 AND granted = $6";

    public static bool Raise(SqliteConnection connection, StoredAlert alert, IReadOnlyList<string> covered, DateTimeOffset claimedUntil)
    {
        if (Insert(connection, alert, isCovered: false, claimedUntil) == 0)
            return false;

        foreach (string level in covered)
        {
            StoredAlert lower = alert with { Level = level };
            if (Insert(connection, lower, isCovered: true, claimedUntil) == 0)
            {
                connection.Execute(
                    $"UPDATE usage_alerts SET is_covered = 1 WHERE {IsSameButLevel} AND level = $4 AND delivered_at IS NULL", Values(lower).AsSpan(0, 6));
            }
        }

        return true;
    }

    public static IReadOnlyList<StoredAlert> Claim(SqliteConnection connection, UsageFilter filter, DateTimeOffset now, DateTimeOffset claimedUntil) =>
    [
        .. connection.Query(
            $"""
            UPDATE usage_alerts SET claimed_until = $4
            WHERE {SqliteCommands.Where(filter)} delivered_at IS NULL AND is_covered = 0 AND coalesce(claimed_until, '') <= $3
            RETURNING {Columns}
            """,
            SqliteCommands.List(filter.CustomerIds), SqliteCommands.List(filter.Services), SqliteText.Time(now), SqliteText.Time(claimedUntil))
            .Select(Read).ToList().OrderBy(a => a.RaisedAt),
    ];

    public static bool Keep(SqliteConnection connection, StoredAlert alert, DateTimeOffset claimedUntil) => connection.Execute(
        $"UPDATE usage_alerts SET claimed_until = $8 WHERE {IsSameButLevel} AND level = $4 AND claimed_until = $7 AND delivered_at IS NULL AND is_covered = 0",
        [.. Values(alert)[..6], alert.ClaimedUntil is { } time ? SqliteText.Time(time) : null, SqliteText.Time(claimedUntil)]) == 1;

    public static int Settle(SqliteConnection connection, StoredAlert alert, DateTimeOffset? deliveredAt) => connection.Execute(
        $"UPDATE usage_alerts SET delivered_at = $7, claimed_until = NULL, is_covered = is_covered AND $7 IS NULL WHERE {IsSameButLevel} AND level = $4",
        [.. Values(alert)[..6], deliveredAt is { } time ? SqliteText.Time(time) : null]);

    public static IReadOnlyList<StoredAlert> Get(SqliteConnection connection, UsageFilter filter, DateTimeOffset since) =>
    [
        .. connection.Query(
            $"""
            SELECT {Columns} FROM usage_alerts
            WHERE {SqliteCommands.Where(filter)} raised_at >= $3 AND is_covered = 0 ORDER BY raised_at DESC, alert_id DESC
            """,
            SqliteCommands.List(filter.CustomerIds), SqliteCommands.List(filter.Services), SqliteText.Time(since))
            .Select(Read),
    ];

    private static int Insert(SqliteConnection connection, StoredAlert alert, bool isCovered, DateTimeOffset claimedUntil) => connection.Execute(
        """
        INSERT INTO usage_alerts (customer_id, service_name, rule, level, period_start, granted, raised_at, period_end, usage, limit_value,
                                  percent, unit, message, time_zone, is_covered, claimed_until)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        ON CONFLICT DO NOTHING
        """,
        [.. Values(alert), isCovered, SqliteText.Time(claimedUntil)]);

    private static object?[] Values(StoredAlert alert) =>
    [
        alert.CustomerId, alert.Service, alert.Rule, alert.Level, SqliteText.Time(alert.PeriodStart), SqliteText.Number(ExactDecimal.Trim(alert.Granted)),
        SqliteText.Time(alert.RaisedAt), SqliteText.Time(alert.PeriodEnd), SqliteText.Number(alert.Usage), SqliteText.Number(alert.Limit),
        alert.Percent is { } percent ? SqliteText.Number(percent) : null, alert.Unit, alert.Message, alert.TimeZone,
    ];

    private static StoredAlert Read(SqliteDataReader row) => new()
    {
        CustomerId = row.GetString(0),
        Service = row.GetString(1),
        Rule = row.GetString(2),
        Level = row.GetString(3),
        PeriodStart = SqliteText.Time(row.GetString(4)),
        Granted = SqliteText.Number(row.GetString(5)),
        RaisedAt = SqliteText.Time(row.GetString(6)),
        PeriodEnd = SqliteText.Time(row.GetString(7)),
        Usage = SqliteText.Number(row.GetString(8)),
        Limit = SqliteText.Number(row.GetString(9)),
        Percent = row.NumberAt(10),
        Unit = row.GetString(11),
        Message = row.GetString(12),
        TimeZone = row.GetString(13),
        DeliveredAt = row.TextAt(14) is { } time ? SqliteText.Time(time) : null,
    };
}
