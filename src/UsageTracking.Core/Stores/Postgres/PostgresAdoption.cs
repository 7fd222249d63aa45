using Npgsql;

namespace UsageTracking.Stores.Postgres;

/// <summary>
/// Takes over the tables of an nself database: what is missing is added beside what is there, and its usage is counted into
/// the buckets, all in the transaction that creates our tables.
/// </summary>
internal static class PostgresAdoption
{
    private const string ScriptOnRecords = "adopt-records";
    private const string ScriptOnBuckets = "adopt-buckets";
    private const string ScriptOnPolicies = "policies";

    private static readonly string[] StepsInCode =
    [
        "count the usage that is there into usage_buckets",
        "let nself's refresh_billing_usage_summary do what Update-UsageSummary does",
        "add to usage_services the services that are used, and keep that customers are not created by their first usage",
        "give our tables and functions the owner of billing_usage_records",
    ];

    private const string Missing =
        """
        SELECT needed.relation || '.' || needed.attribute
        FROM unnest(
            ARRAY['billing_customers', 'billing_plans', 'billing_subscriptions', 'billing_quotas', 'billing_usage_records'],
            ARRAY['customer_id project_name email name company metadata created_at updated_at deleted_at',
                  'plan_name',
                  'subscription_id customer_id plan_name status current_period_start current_period_end',
                  'plan_name service_name limit_value limit_type enforcement_mode reset_period',
                  'usage_id customer_id service_name quantity unit_cost metadata recorded_at aggregated invoice_id']) AS t (relation, attributes),
            unnest(string_to_array(t.attributes, ' ')) AS a (attribute),
            LATERAL (SELECT t.relation, a.attribute) AS needed
        WHERE NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass(needed.relation) AND attname = needed.attribute AND NOT attisdropped)
        UNION ALL
        SELECT 'billing_usage_records as a table of rows' FROM pg_class
        WHERE oid = to_regclass('billing_usage_records') AND relkind <> 'r'
        """;

    private const string Count =
        $"""
        INSERT INTO usage_buckets ({PostgresBuckets.Columns})
        {PostgresBuckets.SumsOfUncorrected} FROM billing_usage_records WHERE aggregated GROUP BY 1, 2, 3
        """;

    // Rights and owner of the function stay as they are.
    private const string ReplaceRefresh =
        $"""
        CREATE OR REPLACE FUNCTION refresh_billing_usage_summary() RETURNS void LANGUAGE plpgsql AS $body$
        BEGIN
            {PostgresSummary.FoldEverything}
        END
        $body$
        """;

    // Two spellings that differ by case would be one service.
    private const string AddServices =
        """
        INSERT INTO usage_services (service_name, unit, sort_order)
        SELECT used.service_name,
               coalesce((SELECT min(limit_type) FROM billing_quotas q WHERE q.service_name = used.service_name), 'units'),
               (SELECT max(sort_order) FROM usage_services) + row_number() OVER (ORDER BY used.service_name)
        FROM (SELECT DISTINCT ON (lower(service_name)) service_name FROM usage_buckets ORDER BY lower(service_name), service_name) used
        WHERE NOT EXISTS (SELECT FROM usage_services known WHERE lower(known.service_name) = lower(used.service_name))
        """;

    // Whom no policy of nself's tables holds up is not held up by those of ours.
    private const string GiveToOwner =
        """
        DO $do$
        DECLARE
            owner name := (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'billing_usage_records'::regclass);
            ours record;
        BEGIN
            FOR ours IN
                SELECT 'TABLE ' || oid::regclass::text AS what FROM pg_class
                WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND relname LIKE 'usage\_%'
                  AND pg_get_userbyid(relowner) = current_user AND owner <> current_user
                UNION ALL
                SELECT 'FUNCTION ' || oid::regprocedure::text FROM pg_proc
                WHERE pronamespace = current_schema()::regnamespace AND proname LIKE 'usage\_%partition'
                  AND pg_get_userbyid(proowner) = current_user AND owner <> current_user
            LOOP
                EXECUTE format('ALTER %s OWNER TO %I', ours.what, owner);
            END LOOP;
        END
        $do$
        """;

    /// <summary>Whether the database has records that are not ours, which may be adopted.</summary>
    /// <exception cref="UsageException"><c>ForeignSchema</c>: they are not nself's either.</exception>
    public static async Task<bool> IsNeededAsync(NpgsqlConnection connection, StoreAddress address, CancellationToken cancel)
    {
        if (!(bool)(await connection.ScalarAsync("SELECT to_regclass('billing_usage_records') IS NOT NULL", cancel))!)
            return false;

        var missing = new List<string>();
        await using NpgsqlCommand command = connection.Command(Missing);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            missing.Add(reader.GetString(0));

        return missing.Count == 0 ? true : throw StoreErrors.ForeignSchema(address, missing);
    }

    /// <summary>The steps of an adoption, those of later versions included.</summary>
    public static IReadOnlyList<string> Steps(SchemaScripts scripts) =>
    [
        .. SchemaScripts.Steps(scripts.Read(ScriptOnRecords)),
        .. SchemaScripts.Steps(OwnTables(scripts)),
        .. SchemaScripts.Steps(scripts.Read(ScriptOnBuckets)),
        StepsInCode[0],
        .. scripts.Steps(1),
        .. StepsInCode[1..],
    ];

    /// <summary>Does what the first version's script does elsewhere.</summary>
    public static async Task BeginAsync(NpgsqlConnection connection, SchemaScripts scripts, CancellationToken cancel)
    {
        await connection.ExecutePatientlyAsync(scripts.Read(ScriptOnRecords), cancel);
        await connection.ExecutePatientlyAsync(OwnTables(scripts), cancel);
        await connection.ExecutePatientlyAsync(scripts.Read(ScriptOnBuckets), cancel);
        await connection.ExecutePatientlyAsync(Count, cancel);
    }

    /// <summary>Notes the views over the records and takes them down, for the rest of a transaction that locks the table.</summary>
    public static string TakeDownViews(SchemaScripts scripts) => SchemaScripts.Cut(scripts.Read(ScriptOnRecords)).First();

    /// <summary>Puts back the views that were noted.</summary>
    public static string PutBackViews(SchemaScripts scripts) => SchemaScripts.Cut(scripts.Read(ScriptOnBuckets)).First();

    /// <summary>Does what needs all tables, and the built-in services.</summary>
    public static async Task CompleteAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await connection.ExecuteAsync(ReplaceRefresh, cancel);
        await connection.ExecuteAsync(AddServices, cancel);
        await connection.ExecuteAsync(PostgresSettings.Upsert, cancel, SettingNames.AutoCreateCustomer, "false");
        await connection.ExecuteAsync(GiveToOwner, cancel);
    }

    /// <summary>The step that gives our tables policies, where the records have some that a table of ours lacks; they may have come later.</summary>
    public static async Task<IReadOnlyList<string>> PlanPoliciesAsync(NpgsqlConnection connection, SchemaScripts scripts, CancellationToken cancel) =>
        (bool)(await connection.ScalarAsync(
            """
            SELECT EXISTS (SELECT FROM pg_class WHERE oid = to_regclass('billing_usage_records') AND relrowsecurity)
               AND (to_regclass('usage_buckets') IS NULL
                    OR EXISTS (SELECT FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'customer_id'
                               WHERE c.relnamespace = current_schema()::regnamespace AND c.relname LIKE 'usage\_%' AND c.relkind IN ('r', 'p')
                                 AND NOT c.relrowsecurity))
            """, cancel))!
            ? [.. SchemaScripts.Steps(scripts.Read(ScriptOnPolicies))]
            : [];

    /// <summary>Takes that step.</summary>
    public static Task GivePoliciesAsync(NpgsqlConnection connection, SchemaScripts scripts, CancellationToken cancel) =>
        connection.ExecutePatientlyAsync(scripts.Read(ScriptOnPolicies), cancel);

    /// <summary>The first version's script without what nself has already; the view over the buckets is ours.</summary>
    private static string OwnTables(SchemaScripts scripts) => string.Join(
        '\n', SchemaScripts.Cut(scripts.Read(1)).Where(step => !step.StartsWith("-- * create billing_", StringComparison.Ordinal)));
}
