using System.Management.Automation;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Metering;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Get, "UsageRecord")]
[OutputType(typeof(UsageRecordInfo))]
public sealed class GetUsageRecordCommand : RangeReportCmdlet
{
    private const int DefaultDays = 30;

    [Parameter]
    [ValidateRange(1, long.MaxValue)]
    public long? First { get; set; }

    [Parameter]
    public SwitchParameter IncludeUndone { get; set; }

    /// <inheritdoc/>
    // Up to a day ahead: a record may carry a time that this clock has not reached yet, and it was asked for by no one else.
    protected override TimeRange DefaultRange(DateTimeOffset now, TimeZoneInfo zone) => TimeRange.LastDaysAndAhead(DefaultDays, now, zone);

    /// <inheritdoc/>
    protected override void WriteReport()
    {
        WarnOfArchived();
        foreach (StoredRecord record in Read(Connection.Store.ReadRecordsAsync(Scope.Filter, Scope.Range, First, IncludeUndone, Cancel)))
            WriteObject(new UsageRecordInfo(record, Scope.Zone));
    }
}
