BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

foreach ($kind in Get-TestStore) {
    Describe "Restore-UsageArchive on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store
            $script:folder = (New-Item -ItemType Directory "$TestDrive/$Kind").FullName
            $script:count = 0

            function Get-Row([string] $CustomerId) { [int] (Invoke-Sql $store "select count(*) from billing_usage_records where customer_id = '$CustomerId'") }
            function Get-EveryRow([string] $CustomerId) { (Invoke-Sql $store "select * from billing_usage_records where customer_id = '$CustomerId' order by usage_id") -join "`n" }
        }
        AfterAll { Remove-TestStore $store }
        BeforeEach {
            $script:count++
            $script:me = "c$count"
            Connect-UsageStore @address -CustomerId $me
            $script:nasty = @{ text = "a `"quoted`", 'b'; c:d`nline ü 😀"; formula = '=1+1'; path = '\n'; number = 2.50; nothing = $null }
            Add-UsageRecord api 1 $nasty -Timestamp '2026-01-30 16:45:23' -EventKey '\k,1'
            Add-UsageRecord storage '0.000000000000000001' -Timestamp '2026-01-30 16:46:00.000001' -UnitCost 0.0000000001
            Add-UsageRecord api 3 -Timestamp '2026-01-31'
            $null = Invoke-UsageFlush
            $script:rows = Get-EveryRow $me
            Remove-Item "$folder/*" -Recurse -Force
            Push-Location $folder
        }
        AfterEach { Pop-Location }

        It 'brings every record back as it was: <_>' -ForEach 'x.csv', 'x.csv.gz', 'x.ndjson', 'x.jsonl.gz' {
            $archive = Invoke-UsageArchive -Path $_
            Get-Row $me | Should -Be 0
            $restored = Restore-UsageArchive $_
            Get-EveryRow $me | Should -BeExactly $rows
            $restored.Path, $restored.Records, $restored.Sha256, $restored.Number | Should -Be $archive.Path, 3, $archive.Sha256, $archive.Number
            ([datetimeoffset]::UtcNow - $restored.RestoredAt).Duration().TotalMinutes | Should -BeLessThan 2
            $record = Get-UsageRecord -Start 2026-01 -End 2026-01 | Where-Object Quantity -EQ 1
            $record.Metadata.text | Should -BeExactly $nasty.text
            $record.EventKey | Should -BeExactly '\k,1'
            Compare-Usage | Should -BeNullOrEmpty
            (Get-ChildItem).Name | Should -Be $_, "$_.manifest.json"
        }

        It 'brings percentiles and groups back' {
            $null = Invoke-UsageArchive -Path x.csv
            $month = @{ Start = '2026-01'; End = '2026-01'; WarningVariable = 'warnings'; WarningAction = 'SilentlyContinue' }
            Get-UsageStatistic api 3650 -WarningVariable warnings -WarningAction SilentlyContinue |
                ForEach-Object { $_.TotalEvents, $_.MedianQuantity } | Should -Be 2, $null
            $warnings | Should -BeExactly '2 records of this range are archived and not included in the percentiles. Restore-UsageArchive brings them back.'
            Measure-Usage -GroupBy text @month | Should -BeNullOrEmpty
            $warnings | Should -BeExactly '3 records of this range are archived and not included. Restore-UsageArchive brings them back.'
            $null = Restore-UsageArchive x.csv
            Get-UsageStatistic api 3650 -WarningVariable warnings | ForEach-Object { $_.TotalEvents, $_.MedianQuantity } | Should -Be 2, 2
            $warnings | Should -BeNullOrEmpty
            (Measure-Usage -GroupBy text @month).EventCount | Should -Be 1, 1, 1
            $warnings | Should -BeNullOrEmpty
        }

        It 'does it once' {
            $null = Invoke-UsageArchive -Path x.csv
            $null = Restore-UsageArchive x.csv
            { Restore-UsageArchive x.csv -ErrorAction Stop } | Should -Throw -ErrorId 'ArchiveRestored,*'
            Get-EveryRow $me | Should -BeExactly $rows
            (Get-Usage api -Start 2026-01 -End 2026-01).Quantity | Should -Be 4
            # And once more after another archive.
            $null = Invoke-UsageArchive -Path y.csv
            { Restore-UsageArchive x.csv -ErrorAction Stop } | Should -Throw -ErrorId 'ArchiveRestored,*'
            $null = Restore-UsageArchive y.csv
            Get-EveryRow $me | Should -BeExactly $rows
            Compare-Usage | Should -BeNullOrEmpty
        }

        It 'takes what Invoke-UsageArchive writes' {
            (Invoke-UsageArchive | Restore-UsageArchive).Records | Should -Be 3
            Get-EveryRow $me | Should -BeExactly $rows
        }

        It 'does not mind the culture' {
            $culture = [cultureinfo]::CurrentCulture
            try {
                [cultureinfo]::CurrentCulture = 'ar-SA'
                $null = Invoke-UsageArchive | Restore-UsageArchive
            }
            finally { [cultureinfo]::CurrentCulture = $culture }
            Get-EveryRow $me | Should -BeExactly $rows
            Get-ChildItem *.gz | ForEach-Object Name | Should -Match "^usage_archive_$([datetime]::Now.Year)\d{4}_\d{6}\.csv\.gz$"
        }

        It 'takes a path with brackets' {
            (Invoke-UsageArchive -Path './a[1].csv' | Restore-UsageArchive).Records | Should -Be 3
            $null = Invoke-UsageArchive -Path './b[1].csv'
            Get-ChildItem -LiteralPath './b[1].csv' | Test-UsageArchive | Should -BeTrue
            Get-UsageArchive $me | Test-UsageArchive | Should -Be $true, $true
            (Restore-UsageArchive -LiteralPath './b[1].csv').Records | Should -Be 3
            Get-EveryRow $me | Should -BeExactly $rows
        }

        It 'takes wildcards, and goes on after an error' {
            $null = Invoke-UsageArchive -Path 1.csv -Service api
            $null = Invoke-UsageArchive -Path 2.csv -Service storage
            Set-Content 0.csv 'mine'
            $restored = Restore-UsageArchive *.csv -ErrorVariable errors -ErrorAction SilentlyContinue
            $restored.Records | Should -Be 2, 1
            $errors.FullyQualifiedErrorId -replace ',.*' | Should -Be ArchiveUnknown
            Get-EveryRow $me | Should -BeExactly $rows
        }

        It 'changes nothing with -WhatIf' {
            $null = Invoke-UsageArchive -Path x.csv
            (Get-HostText { Restore-UsageArchive x.csv -WhatIf }) -replace '\s+', ' ' | Should -Match 'restore 3 records to '
            Get-Row $me | Should -Be 0
            (Get-UsageArchive $me).RestoredAt | Should -BeNullOrEmpty
        }

        It 'brings nothing back from a damaged file, or none' {
            $null = Invoke-UsageArchive -Path x.csv
            Copy-Item x.csv whole.csv
            (Get-Content x.csv -Raw).Replace(',api,3,', ',api,4,') | Set-Content x.csv -NoNewline
            { Restore-UsageArchive x.csv -ErrorAction Stop } | Should -Throw -ErrorId 'ArchiveDamaged,*'
            Remove-Item x.csv
            { Restore-UsageArchive x.csv -ErrorAction Stop } | Should -Throw -ErrorId 'FileNotFound,*'
            { Restore-UsageArchive none.csv -ErrorAction Stop } | Should -Throw -ErrorId 'ManifestNotFound,*'
            Get-Row $me | Should -Be 0
            # A copy without a manifest does.
            (Restore-UsageArchive whole.csv).Path | Should -Be (Join-Path $folder whole.csv)
            Get-EveryRow $me | Should -BeExactly $rows
        }

        It 'refuses the archive of another store' {
            $null = Invoke-UsageArchive -Path x.csv
            Connect-UsageStore -Path "$folder/other.db" -CustomerId $me
            { Restore-UsageArchive x.csv -ErrorAction Stop } | Should -Throw -ErrorId 'ArchiveUnknown,*'
            Get-UsageArchive | Should -BeNullOrEmpty
            Connect-UsageStore @address
            (Restore-UsageArchive x.csv).Records | Should -Be 3
        }

        It 'leaves away what belongs to a customer that was removed, and says so' {
            Add-UsageRecord api 9 -Timestamp 2026-01-01 -CustomerId "$me-gone"
            $null = Invoke-UsageArchive -Path x.csv -CustomerId "$me*"
            Remove-UsageCustomer "$me-gone" -Force -Confirm:$false
            $restored = Restore-UsageArchive x.csv -WarningVariable warnings -WarningAction SilentlyContinue
            $restored.Records | Should -Be 4
            $warnings | Should -BeExactly '1 record of customers that were removed since stayed away.'
            Get-EveryRow $me | Should -BeExactly $rows
            Get-Row "$me-gone" | Should -Be 0
            Compare-Usage | Should -BeNullOrEmpty
        }
    }
}
