BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/QuotaHelpers.ps1
}

foreach ($kind in Get-TestStore) {
    Describe "Undo-UsageRecord on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store
            $script:today = [datetimeoffset]::new([datetime]::UtcNow.Date, [timespan]::Zero)
            $script:at = $today.AddDays(-1).AddHours(3)

            # 5 and 7 are right, 900 is a mistake of the same minute.
            function Add-Sample {
                foreach ($quantity in 5, 7, 900) { Add-UsageRecord database $quantity @{ type = 'SELECT' } -Timestamp $at -UnitCost 0.5 -EventKey "key $quantity" }
                $null = Invoke-UsageFlush
                Get-UsageRecord database | Where-Object Quantity -EQ 900
            }
        }
        AfterAll { Remove-TestStore $store }
        BeforeEach { $script:customer = Connect-NewCustomer $address }

        It 'takes a record back, in every report at once' {
            Set-UsageQuota database 1000
            $wrong = Add-Sample
            $wrong | Undo-UsageRecord -Reason 'typed twice' | Should -BeNullOrEmpty

            $range = @{ Start = $at.AddHours(-1); End = $today }
            $usage = Get-Usage database @range
            $usage.Quantity, $usage.Events, $usage.Cost | Should -Be 12, 2, 6
            $measure = Measure-Usage -Service database @range
            $measure.EventCount, $measure.TotalQuantity, $measure.TotalCost, $measure.AverageQuantity, $measure.MinimumQuantity, $measure.MaximumQuantity |
                Should -Be 2, 12, 6, 6, 5, 7
            $group = Measure-Usage -Service database @range -GroupBy type
            $group.EventCount, $group.TotalQuantity, $group.MaximumQuantity | Should -Be 2, 12, 7
            $statistic = Get-UsageStatistic database
            $statistic.TotalEvents, $statistic.MinimumQuantity, $statistic.MaximumQuantity, $statistic.MedianQuantity, $statistic.P99Quantity |
                Should -Be 2, 5, 7, 6, 6.98
            (Get-UsageTrend database | Where-Object DailyTotal).DailyTotal | Should -Be 12
            (Get-UsagePeak database).TotalUsage, (Get-UsagePeak database).EventCount | Should -Be 12, 2
            if ($at.Month -eq $today.Month) { (Get-UsageQuota database).Used | Should -Be 12 }
            Test-UsageQuota database 900 | Should -BeTrue
            (Get-UsageRecord database).Quantity | Should -Be 7, 5
            Compare-Usage | Should -BeNullOrEmpty
            (Update-UsageSummary -CustomerId $customer -Start 2026).Buckets | Should -Be 0
        }

        It 'leaves nothing of a day on which all was taken back' {
            Add-UsageRecord api 3 -Timestamp $at
            Get-UsageRecord api | Undo-UsageRecord
            Measure-Usage -Start $today.AddDays(-3) | Should -BeNullOrEmpty
            Get-UsageTrend | Should -BeNullOrEmpty
            Get-UsagePeak api | Should -BeNullOrEmpty
            (Get-UsageStatistic api).MaximumQuantity | Should -BeNullOrEmpty
            Compare-Usage | Should -BeNullOrEmpty
        }

        It 'keeps the history: what was taken back, by whom and why' {
            $wrong = Add-Sample
            $before = [datetimeoffset]::UtcNow.AddSeconds(-5)
            $correction = Undo-UsageRecord $wrong.Id 'typed twice' -By anna -PassThru
            $history = Get-UsageRecord database -IncludeUndone

            $history.Quantity | Should -Be -900, 900, 7, 5
            $history.IsUndone | Should -Be $false, $true, $false, $false
            $history[0].CorrectsId, $history[0].CorrectedBy, $history[0].Reason | Should -Be $wrong.Id, 'anna', 'typed twice'
            $history[0].Timestamp, $history[0].UnitCost, $history[0].TotalCost, "$($history[0].Metadata)" | Should -Be $at, 0.5, -450, '{"type":"SELECT"}'
            $history[0].ReceivedAt | Should -BeGreaterThan $before
            $history[1].Id, $history[1].EventKey | Should -Be $wrong.Id, 'key 900'
            ($correction | ConvertTo-Json) | Should -Be ($history[0] | ConvertTo-Json)
            $text = $history | Out-String -Width 160
            $text | Should -Match "takes back $($wrong.Id): typed twice"
            $text | Should -Match '\(undone\) \{'
            ($history[0] | Format-List | Out-String) | Should -Match 'CorrectedBy +: anna'
            (Get-UsageRecord database -IncludeUndone -First 1).Quantity | Should -Be -900
        }

        It 'says who by default' {
            $null = Add-Sample | Undo-UsageRecord
            (Get-UsageRecord -IncludeUndone)[0].CorrectedBy | Should -Be ([Environment]::UserName)
            (Get-UsageRecord -IncludeUndone)[0].Reason | Should -Be 'taken back'
        }

        It 'refuses a second time, a correction, and what there is not, and goes on' {
            $wrong = Add-Sample
            $correction = $wrong | Undo-UsageRecord -PassThru
            $other = (Get-UsageRecord database)[0]
            $wrong.Id, $correction.Id, 987654321, $other.Id, $other.Id | ForEach-Object { [pscustomobject]@{ Id = $_ } } |
                Undo-UsageRecord -ErrorAction SilentlyContinue -ErrorVariable problem
            $problem.FullyQualifiedErrorId -replace ',.*' | Should -Be AlreadyUndone, RecordIsCorrection, RecordNotFound, AlreadyUndone
            $problem.TargetObject | Should -Be $wrong.Id, $correction.Id, 987654321, $other.Id
            $problem[2].CategoryInfo.Category | Should -Be ObjectNotFound
            (Get-UsageRecord database).Quantity | Should -Be 5
            Undo-UsageRecord (Get-UsageRecord).Id -CustomerId "$customer-2" -ErrorAction SilentlyContinue -ErrorVariable problem
            "$problem" | Should -BeLike "*no record*'$customer-2'*"
            Undo-UsageRecord (Get-UsageRecord).Id -Timestamp 2026-01-01 -ErrorAction SilentlyContinue -ErrorVariable problem
            "$problem" | Should -BeLike '*2026-01-01 00:00:00Z*'
            Compare-Usage | Should -BeNullOrEmpty
        }

        It 'refuses a record of a reading, and says what to do' {
            $null = Add-UsageReading -Total 1 -Timestamp 2026-06-01
            $null = Add-UsageReading -Total 5 -Timestamp 2026-06-02
            { Get-UsageRecord -Start 2026 | Undo-UsageRecord -ErrorAction Stop } | Should -Throw -ErrorId 'RecordOfReading,*'
            (Get-Usage bandwidth -Start 2026).Quantity | Should -Be 4
        }

        It 'checks who and why' {
            { Undo-UsageRecord 1 ' ' -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidReason,*'
            { Undo-UsageRecord 1 "a`0b" -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidReason,*'
            { Undo-UsageRecord 1 ([char] 0xD800) -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidReason,*'
            { Undo-UsageRecord 1 -By ('x' * 256) -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidBy,*'
            $reason = "it's`n`"wrong`"; drop table x; -- 😀"
            Add-UsageRecord api 1
            Get-UsageRecord api | Undo-UsageRecord -Reason $reason -By 'Zoë 😀'
            (Get-UsageRecord -IncludeUndone)[0].Reason, (Get-UsageRecord -IncludeUndone)[0].CorrectedBy | Should -Be $reason, 'Zoë 😀'
        }

        It 'frees the event key for the right record' {
            Add-Sample | Undo-UsageRecord
            Add-UsageRecord database 9 -EventKey 'key 900' -Timestamp $at
            Add-UsageRecord database 7 @{ type = 'SELECT' } -EventKey 'key 7' -Timestamp $at
            $flush = Invoke-UsageFlush
            (Get-UsageRecord database | Sort-Object Quantity).Quantity | Should -Be 5, 7, 9
            Get-UsageRejectedRecord | Should -BeNullOrEmpty
            $flush.Rejected | Should -Be 0
        }

        It 'with -WhatIf says what it would do, and does not ask otherwise' {
            $wrong = Add-Sample
            Get-HostText { $wrong | Undo-UsageRecord -WhatIf } | Should -BeLike "*take back in *record $($wrong.Id) of $customer*"
            (Get-UsageRecord database).Count | Should -Be 3
            [System.Management.Automation.CommandMetadata]::new((Get-Command Undo-UsageRecord)).ConfirmImpact | Should -Be Medium
        }

        It 'takes thousands down the pipeline while they are read' {
            1..6000 | ForEach-Object { [pscustomobject]@{ Service = 'api'; Quantity = $_; Timestamp = $at.AddSeconds($_) } } | Add-UsageRecord
            Add-UsageRecord api 3 -Timestamp $at
            Get-UsageRecord api | Where-Object Quantity -NE 3 | Undo-UsageRecord
            $usage = Get-Usage api -Start $today.AddDays(-2)
            $usage.Quantity, $usage.Events | Should -Be 6, 2
            (Get-UsageStatistic api).MaximumQuantity | Should -Be 3
            Compare-Usage | Should -BeNullOrEmpty
        }

        It 'undoes once, whoever else does the same at the same time' {
            $wrong = Add-Sample
            $problems = 1..5 | ForEach-Object -ThrottleLimit 5 -Parallel {
                Import-Module $using:PSScriptRoot/../module/UsageTracking.psd1
                try { $using:wrong | Undo-UsageRecord -ErrorAction Stop } catch { $_.FullyQualifiedErrorId -replace ',.*' }
            }
            $problems | Should -Be (@('AlreadyUndone') * 4)
            (Get-Usage database -Start $today.AddDays(-2)).Quantity | Should -Be 12
        }

        It 'leaves what was undone out of exports, which come back as the usage there is' {
            $export = @{ Start = $today.AddDays(-2); End = $today }
            Add-Sample | Undo-UsageRecord
            (Export-Usage "$TestDrive/a.csv" @export -Force -Full | Import-Csv).quantity | Should -Be 7, 5
            $json = Export-Usage "$TestDrive/a.json" @export -Force | Get-Content -Raw | ConvertFrom-Json
            $json.usage_records.quantity | Should -Be 7, 5
            $json.summary.total_events, $json.summary.total_cost | Should -Be 2, 6
            Export-Usage "$TestDrive/a.xlsx" @export -Force | Should -Not -BeNullOrEmpty
            $file = Export-Usage "$TestDrive/a.ndjson" @export -Force
            (Get-Content $file).Count | Should -Be 2
            $text = (Get-Content $file -Raw).Replace("`"$customer`"", "`"$customer-2`"")
            Set-Content "$TestDrive/b.ndjson" $text -NoNewline
            (Import-UsageRecord "$TestDrive/b.ndjson").Failed | Should -BeIn 0, $null
            $null = Invoke-UsageFlush
            (Get-Usage database -CustomerId "$customer-2" -Start $today.AddDays(-2)).Quantity | Should -Be 12
        }

        It 'lets an archive take both and bring both back, and says where an archived one is' {
            foreach ($quantity in 5, 7, 900) { Add-UsageRecord api $quantity -Timestamp "2026-01-15 12:0$($quantity % 10)Z" }
            $records = Get-UsageRecord -Start 2026-01 -End 2026-01
            $records | Where-Object Quantity -EQ 900 | Undo-UsageRecord
            $archive = Invoke-UsageArchive "$TestDrive/$customer.ndjson" -CustomerId $customer -OlderThanDays 30 -Confirm:$false -WarningAction SilentlyContinue
            $archive.Records | Should -Be 4
            $figures = { (Measure-Usage -Service api -Start 2026-01 -End 2026-01 -Period Monthly) | ForEach-Object { "$($_.EventCount) $($_.TotalQuantity) $($_.MinimumQuantity) $($_.MaximumQuantity)" } }
            & $figures | Should -Be '2 12 5 7'
            $records | Where-Object Quantity -EQ 7 | Undo-UsageRecord -ErrorAction SilentlyContinue -ErrorVariable problem
            $problem.FullyQualifiedErrorId -replace ',.*' | Should -Be RecordArchived
            "$problem" | Should -BeLike "*$customer.ndjson*Restore-UsageArchive*"

            $null = Restore-UsageArchive $archive.Path -Confirm:$false
            & $figures | Should -Be '2 12 5 7'
            $records | Where-Object Quantity -EQ 7 | Undo-UsageRecord
            & $figures | Should -Be '1 5 5 5'
            Compare-Usage | Should -BeNullOrEmpty
        }

        It 'takes an alert no further than the use that is left' {
            Set-UsageQuota api 100 -Period Daily
            Add-UsageRecord api 150
            (Invoke-UsageAlertCheck).Level | Should -Be Exceeded
            Get-UsageRecord api | Undo-UsageRecord
            Invoke-UsageAlertCheck -IncludeActive | Should -BeNullOrEmpty
            (Get-UsageQuota api).Used | Should -Be 0
        }
    }
}

Describe 'Undo-UsageRecord' {
    AfterAll { Disconnect-UsageStore }

    It 'ends the call where the store is away' {
        Connect-UsageStore -HostName 127.0.0.1 -Port 1 -Database away -ErrorAction SilentlyContinue
        { Undo-UsageRecord 1 -ErrorAction SilentlyContinue } | Should -Throw -ErrorId 'StoreUnavailable,*'
    }
}
