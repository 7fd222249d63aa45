using System.Management.Automation;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsData.Update, "UsageSummary", SupportsShouldProcess = true)]
[OutputType(typeof(UsageSummaryUpdateInfo))]
public sealed class UpdateUsageSummaryCommand : RangeReportCmdlet
{
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(CustomerCompleter))]
    public override string[]? CustomerId { get; set; } = ["*"];

    // What Compare-Usage found is mended, whatever its customer and service are called.
    /// <inheritdoc/>
    protected override bool TakesAnyName => MyInvocation.ExpectingInput;

    /// <inheritdoc/>
    protected override TimeRange DefaultRange(DateTimeOffset now, TimeZoneInfo zone) => TimeRange.Everything;

    /// <inheritdoc/>
    protected override void WriteReport()
    {
        // Without a range only what other programs added is folded in; a range is also rebuilt from its records.
        TimeRange? repair = Start is null && End is null ? null : Scope.Range;
        string action = repair is { } range
            ? FormattableString.Invariant($"rebuild the usage summary from {range.Start:u} to {range.End:u}")
            : "fold records of other programs into the usage summary";
        if (!ShouldProcess(Connection.Store.Address.Text, action))
            return;

        SummaryUpdate update = Wait(Connection.Store.UpdateSummaryAsync(Scope.Filter, repair, Cancel));
        WriteObject(new UsageSummaryUpdateInfo(update.Buckets, update.Records));
    }
}
