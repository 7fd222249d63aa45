BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

foreach ($kind in Get-TestStore) {
    Describe "Get-UsageArchive on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store
            Connect-UsageStore @address -CustomerId acme
            $script:folder = (New-Item -ItemType Directory "$TestDrive/$Kind").FullName
            Push-Location $folder
            $script:atFirst = @(Get-UsageArchive)
            foreach ($customer in 'acme', 'beta', 'Beta') { Add-UsageRecord api 1 -Timestamp '2026-01-15 12:00' -CustomerId $customer }
            $script:both = Invoke-UsageArchive -Path both.csv -CustomerId acme, beta
            $script:other = Invoke-UsageArchive -Path other.csv -CustomerId Beta
        }
        AfterAll {
            Pop-Location
            Remove-TestStore $store
        }

        It 'writes nothing where there is no archive' {
            $atFirst.Count | Should -Be 0
        }

        It 'lists all archives, newest first' {
            $archives = Get-UsageArchive
            $archives.Path | Should -Be $other.Path, $both.Path
            $archives.Records | Should -Be 1, 2
            $archives.Number | Should -Be 2, 1
            $archives[1].CustomerId | Should -Be acme, beta
            $archives[1] | Select-Object * | ConvertTo-Json | Should -BeExactly ($both | Select-Object * | ConvertTo-Json)
            $archives.Sha256 | Should -Be (Invoke-Sql $store 'select sha256 from usage_archives order by archive_number desc')
        }

        It 'finds those of customers, whose names have a case' {
            (Get-UsageArchive acme).Number | Should -Be 1
            (Get-UsageArchive b*).Number | Should -Be 1
            (Get-UsageArchive -CustomerId Beta, acme).Number | Should -Be 2, 1
            Get-UsageArchive nobody | Should -BeNullOrEmpty
            (Get-UsageCustomer acme | Get-UsageArchive).Number | Should -Be 1
        }

        It 'has a view' {
            $lines = (Get-UsageArchive acme | Out-String -Width 300).Trim().Split("`n").TrimEnd()
            $lines[0] | Should -Match '^Records Start +End +Restored Path$'
            $lines[2] | Should -Be "      2 2026-01-15 12:00 $([datetime]::UtcNow.Date.AddDays(-90).ToString('yyyy-MM-dd')) 00:00          $($both.Path)"
        }

        It 'says when an archive came back' {
            $null = Restore-UsageArchive other.csv
            (Get-UsageArchive Beta).RestoredAt | Should -BeOfType datetimeoffset
            (Get-UsageArchive beta).RestoredAt | Should -BeNullOrEmpty
        }
    }
}
