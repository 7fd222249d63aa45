using System.Management.Automation;
using UsageTracking.Cmdlets.Binding;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Metering;
using UsageTracking.Quotas;
using UsageTracking.Reports;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Add, "UsageAllowance", SupportsShouldProcess = true)]
[OutputType(typeof(UsageQuota))]
public sealed class AddUsageAllowanceCommand : OneQuotaCmdlet
{
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("Amount")]
    [AllowNull]
    public object? Quantity { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNull]
    public object? Timestamp { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? Note { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TimeZoneCompleter))]
    public string? TimeZone { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void OnQuota(string customerId, Service service)
    {
        Allowance allowance = QuotaSettings.CheckAllowance(
            ReadBook(customerId, service), customerId, service, Unwrap.Base(Quantity),
            Timestamp is null ? null : TimeInput.From(Unwrap.Base(Timestamp)).Start(ZoneOf(TimeZone)), Note);
        if (ShouldProcess($"{service.Name} of {customerId}", FormattableString.Invariant($"add {allowance.Amount} to the quota in {Connection.Store.Address}")))
        {
            Wait(Connection.Store.AddAllowanceAsync(allowance, Cancel));
            if (PassThru)
                WriteQuota(customerId, service);
        }
    }
}
