using System.Management.Automation;
using UsageTracking.Cmdlets.Binding;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Metering;
using UsageTracking.Quotas;
using UsageTracking.Reports;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Set, "UsageQuota", SupportsShouldProcess = true)]
[OutputType(typeof(UsageQuota))]
public sealed class SetUsageQuotaCommand : OneQuotaCmdlet
{
    [Parameter(Position = 1)]
    [ValidateNotNull]
    public object? Limit { get; set; }

    [Parameter]
    public QuotaEnforcement? Enforcement { get; set; }

    [Parameter]
    public QuotaPeriod? Period { get; set; }

    [Parameter]
    public int? AnchorDay { get; set; }

    [Parameter]
    [ValidateNotNull]
    public object? CarryOver { get; set; }

    [Parameter]
    [ValidateNotNull]
    public object? From { get; set; }

    [Parameter]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public string[]? CountHours { get; set; }

    [Parameter]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public string[]? CountDays { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Unit { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TimeZoneCompleter))]
    public string? TimeZone { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void OnQuota(string customerId, Service service)
    {
        IReadOnlyList<QuotaSetting> settings = Wait(Connection.Store.GetQuotasAsync(new UsageFilter([customerId], [service.Name]), Cancel));
        (QuotaSetting setting, DateOnly until) = QuotaSettings.Apply(
            new QuotaChange(customerId, service)
            {
                Limit = Limit is null ? null : QuotaSettings.ReadLimit(Unwrap.Base(Limit)),
                Unit = Unit,
                Enforcement = Enforcement,
                Period = Period,
                AnchorDay = AnchorDay,
                CarryOver = CarryOver is null ? null : Quantity.Read(Unwrap.Base(CarryOver), "carry-over"),
                CountHours = CountHours is null ? null : string.Join(',', CountHours),
                CountDays = CountDays is null ? null : string.Join(',', CountDays),
                Zone = ZoneOf(TimeZone),
                HasZone = TimeZone is not null,
                From = From is null ? null : TimeInput.From(Unwrap.Base(From)),
            },
            settings,
            DateTimeOffset.UtcNow);
        if (ShouldProcess($"{service.Name} of {customerId}", $"set the quota to {QuotaSettings.Describe(setting, service)} in {Connection.Store.Address}"))
        {
            MakeSureOfCustomer(customerId);
            Wait(Connection.Store.SetQuotaAsync(setting, until, Cancel));
            if (PassThru)
                WriteQuota(customerId, service);
        }
    }
}
