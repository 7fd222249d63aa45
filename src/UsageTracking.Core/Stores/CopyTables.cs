namespace UsageTracking.Stores;

/// <summary>
/// All tables that a copy of a store has to have, in an order in which none refers to a later one. usage_spools is none of
/// them: the queues of a store stay its own, and what they stored is carried over as one entry of the ledger.
/// </summary>
public static class CopyTables
{
    /// <summary>The records.</summary>
    public static CopyTable Records { get; } = new(
        "billing_usage_records",
        """
        usage_id:whole customer_id service_name quantity:number unit_cost:number metadata:json recorded_at:time aggregated:flag invoice_id
        received_at:time event_key corrects_id:whole corrected_by correction_reason
        """)
    {
        Key = ["recorded_at", "usage_id", "customer_id"],
        Numbered = "usage_id",
        GroupedBy = "recorded_at",
        Summed = ("quantity", "unit_cost"),
    };

    /// <summary>The buckets of all parts.</summary>
    public static CopyTable Buckets { get; } = new(
        "usage_buckets",
        """
        customer_id service_name bucket_start:time part:whole event_count:whole total_quantity:number total_cost:number
        min_quantity:number max_quantity:number first_event:time last_event:time
        """)
    {
        Key = ["customer_id", "service_name", "bucket_start", "part"],
        GroupedBy = "bucket_start",
        Summed = ("total_quantity", "total_cost"),
    };

    /// <summary>The customers.</summary>
    public static CopyTable Customers { get; } = new(
        "billing_customers",
        "customer_id project_name email name company stripe_customer_id metadata:json created_at:time updated_at:time deleted_at:time");

    /// <summary>Those that may be as large as a store, which are copied in pages.</summary>
    public static IReadOnlyList<CopyTable> Large { get; } =
    [
        Records,
        Buckets,
        new("usage_event_keys", "customer_id event_key content_hash:bytes given_timestamp:time given_unit_cost:number") { Key = ["customer_id", "event_key"] },
    ];

    /// <summary>All others, which are copied together in one transaction.</summary>
    public static IReadOnlyList<CopyTable> Small { get; } =
    [
        new("usage_settings", "name value updated_at:time")
        {
            Condition = $"(name LIKE '{SettingNames.OptionPrefix}%' OR name = '{SettingNames.BytesPerGigabyte}')",
            IsSeeded = true,
        },
        Customers,
        new("billing_plans",
            """
            plan_id:whole plan_name display_name description price_monthly:number price_yearly:number stripe_price_id_monthly stripe_price_id_yearly
            features:json is_active:flag sort_order:whole created_at:time updated_at:time
            """) { Numbered = "plan_id" },
        new("billing_subscriptions",
            """
            subscription_id customer_id plan_name stripe_subscription_id status billing_cycle current_period_start:time current_period_end:time
            cancel_at_period_end:flag canceled_at:time trial_start:time trial_end:time metadata:json created_at:time updated_at:time
            """),
        new("billing_quotas",
            """
            quota_id:whole plan_name service_name limit_value:whole limit_type enforcement_mode overage_price:number reset_period metadata:json
            created_at:time updated_at:time
            """) { Numbered = "quota_id" },
        new("usage_services", "service_name unit counts_bytes:flag sort_order:whole") { IsSeeded = true },
        new("usage_prices",
            """
            price_id:whole service_name customer_id plan_name in_force_from:date unit_cost:number model tiers package_size:number
            set_at:time removed_at:time
            """) { Numbered = "price_id", IsSeeded = true },
        new("usage_quotas",
            """
            customer_id service_name in_force_from:date limit_value:number enforcement_mode reset_period anchor_day:whole time_zone
            unit carry_over:number count_hours count_days is_ended:flag
            """),
        new("usage_allowances", "allowance_id:whole customer_id service_name amount:number in_force_at:time note created_at:time") { Numbered = "allowance_id" },
        new("usage_meters", "customer_id service_name revision:whole"),
        new("usage_readings",
            "customer_id service_name meter read_at:time kind value:number usage:number allowance:number usage_id:whole received_at:time"),
        new("usage_alerts",
            """
            alert_id:whole customer_id service_name rule level period_start:time granted:number raised_at:time period_end:time usage:number
            limit_value:number percent:number unit message time_zone is_covered:flag claimed_until:time delivered_at:time
            """) { Numbered = "alert_id" },
        new("usage_archives",
            """
            archive_number:whole archive_id:uuid path customer_ids:list records:whole range_start:time range_end:time sha256 has_invoices:flag
            archived_at:time restored_at:time
            """) { Numbered = "archive_number" },
        new("usage_invoices", "invoice_number:whole customer_id range_start:time range_end:time time_zone total:number saved_at:time is_closed:flag"),
        new("usage_invoice_lines",
            """
            invoice_number:whole line_number:whole kind service_name description quantity:number unit unit_cost:number flat_fee:number amount:number
            line_start:time line_end:time tier:whole price_id:whole period_start:time period_end:time
            """),
        new("usage_rejected_records",
            """
            rejected_id:whole rejected_at:time spool_id:uuid position:whole error_id reason customer_id service_name quantity in_bytes:flag unit_cost
            metadata recorded_at:time own_time:flag event_key
            """) { Numbered = "rejected_id" },
        new("usage_ledger", "entry records:whole")
        {
            Source =
                $"""
                (SELECT entry, sum(records) AS records
                 FROM (SELECT entry, records FROM usage_ledger
                       UNION ALL
                       SELECT '{LedgerEntries.Copied}', coalesce(sum(position - duplicates - rejected - skipped), 0) FROM usage_spools) entries
                 GROUP BY entry) ledger
                """,
            IsSeeded = true,
        },
    ];

    /// <summary>All of them, in that order.</summary>
    public static IReadOnlyList<CopyTable> All { get; } = [.. Small, .. Large];
}
