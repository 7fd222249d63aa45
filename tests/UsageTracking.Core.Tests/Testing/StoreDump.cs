using System.Globalization;
using System.Text.Json.Nodes;

namespace UsageTracking.Tests.Testing;

/// <summary>All rows of all tables of a store, read past it, each value as the same text on every engine.</summary>
internal static class StoreDump
{
    /// <summary>What every store has of its own.</summary>
    private static readonly string[] Own = ["usage_spools", "usage_ledger"];

    /// <summary>By table, its rows in an order that is the same on every engine.</summary>
    public static async Task<SortedDictionary<string, List<string>>> ReadAsync(TestStore store)
    {
        var tables = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        IEnumerable<IGrouping<string, (string Name, string Type)>> columns = (await ColumnsAsync(store))
            .Where(c => !Own.Contains(c.Table)).GroupBy(c => c.Table, c => (c.Name, c.Type));
        foreach (IGrouping<string, (string Name, string Type)> table in columns)
        {
            List<(string Name, string Type)> sorted = [.. table.OrderBy(c => c.Name, StringComparer.Ordinal)];
            string select = string.Join(", ", sorted.Select(c => $"coalesce({Text(c.Name, c.Type)}, '(null)')"));
            string where = table.Key == "usage_settings" ? "WHERE name NOT IN ('store_id', 'schema_version', 'distributed')" : "";
            tables.Add(table.Key,
                [.. (await store.QueryAsync($"SELECT {select} FROM {table.Key} {where}"))
                    .Select(r => string.Join(" | ", r.Select((v, i) => $"{sorted[i].Name}={Canonical(v)}"))).Order(StringComparer.Ordinal)]);
        }

        return tables;
    }

    /// <summary>Every column of every table.</summary>
    public static async Task<IReadOnlyList<(string Table, string Name, string Type)>> ColumnsAsync(TestStore store) =>
    [
        .. (await store.QueryAsync(store.IsPostgres
            ? """
              SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c
              JOIN pg_class t ON t.relname = c.table_name AND t.relkind IN ('r', 'p') AND NOT t.relispartition
              WHERE c.table_schema = 'public'
              """
            : "SELECT m.name, c.name, c.type FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"))
            .Select(r => (r[0], r[1], r[2])),
    ];

    private static string Text(string name, string type) => type switch
    {
        "timestamp with time zone" => $"to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || 'Z'",
        "boolean" => $"({name})::int::text",
        "bytea" => $"upper(encode({name}, 'hex'))",
        "ARRAY" => $"to_json({name})::text",
        "BLOB" => $"hex({name})",
        "TEXT" or "INTEGER" => name,
        _ => $"({name})::text",
    };

    private static string Canonical(string value)
    {
        if (value is ['{', ..] or ['[', ..])
            return Sorted(JsonNode.Parse(value)!);

        return value.Contains('.', StringComparison.Ordinal) && value.All(c => char.IsAsciiDigit(c) || c is '.' or '-') ? value.TrimEnd('0').TrimEnd('.') : value;
    }

    private static string Sorted(JsonNode? node) => node switch
    {
        JsonObject members => "{" + string.Join(",", members.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => $"{m.Key}:{Sorted(m.Value)}")) + "}",
        JsonArray items => "[" + string.Join(",", items.Select(Sorted)) + "]",
        JsonValue value when value.TryGetValue(out string? text) => "'" + text + "'",
        _ => string.Create(CultureInfo.InvariantCulture, $"{node?.ToJsonString()}"),
    };
}
